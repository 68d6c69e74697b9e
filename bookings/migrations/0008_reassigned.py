from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0007_price_by_staff'),
    ]

    operations = [
        migrations.AlterField(
            model_name='bookingevent',
            name='action',
            field=models.CharField(choices=[('request', 'Request'), ('book', 'Book'), ('invite', 'Invite'), ('accept', 'Accept'), ('decline', 'Decline'), ('suggest', 'Suggest'), ('withdraw', 'Withdraw'), ('change_notes', 'Change Notes'), ('expire', 'Expire'), ('pay', 'Pay'), ('close', 'Close'), ('finish_setup', 'Finish Setup'), ('cancel', 'Cancel'), ('reopen', 'Reopen'), ('ask_to_cancel', 'Ask To Cancel'), ('reschedule', 'Reschedule'), ('ask_support', 'Ask Support'), ('refuse_support', 'Refuse Support'), ('amend', 'Amend'), ('reassign', 'Reassign'), ('change_price', 'Change Price'), ('complete', 'Complete'), ('no_show', 'No Show'), ('undo', 'Undo'), ('contest', 'Contest'), ('uphold', 'Uphold'), ('note', 'Note')], max_length=20),
        ),
        migrations.RemoveConstraint(model_name='latechange', name='late_change_once'),
        migrations.AddConstraint(
            model_name='latechange',
            constraint=models.UniqueConstraint(fields=('tenant', 'provider', 'booking', 'kind'), name='late_change_once'),
        ),
    ]
