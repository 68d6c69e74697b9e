"""What tests of a provider's day read (PG-40)."""


def today(world, who=None, query=""):
    return world.get(who or world.ana.member, f"/portal/{query}")
