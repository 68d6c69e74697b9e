"""What templates get: frozen view models made of queries, workflow and wording. No template walks a queryset."""
