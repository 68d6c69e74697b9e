from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0008_reassigned'),
        ('marketplace', '0005_service_says_provider'),
    ]

    operations = [
        migrations.RunSQL(
            # Both change together where a booking is given to another provider (T34), so that they are compared at once.
            sql="""
                ALTER TABLE bookings_booking ADD CONSTRAINT booking_service_is_its_providers
                FOREIGN KEY (tenant_id, service_id, provider_id) REFERENCES marketplace_service (tenant_id, id, provider_id)
            """,
            reverse_sql="ALTER TABLE bookings_booking DROP CONSTRAINT booking_service_is_its_providers",
        ),
    ]
