"""Who may sign in with what: allauth's ways. Who is signed in is asked by nearly every page, with SQL written once."""

from allauth.account.auth_backends import AuthenticationBackend

from .compiled import CompiledQuery
from .models import User

_with_id = CompiledQuery(lambda pk: User._default_manager.filter(pk=pk), int)


class PeopleBackend(AuthenticationBackend):
    """As allauth's."""

    def get_user(self, user_id: int) -> User | None:
        """The person with this id, None for nobody and for who is not active."""
        user = _with_id.first(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
