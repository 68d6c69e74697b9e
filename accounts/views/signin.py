"""The pages of signing in that allauth has no view for, or has too much of one."""

from allauth.account import views as allauth

from ..signin_forms import PasswordSignInForm


class PasswordSignInView(allauth.LoginView):
    """`/signin/password/`: for people who have one and like it."""

    form_class = PasswordSignInForm
    template_name = "account/login_password.html"

    def get_form_class(self) -> type[PasswordSignInForm]:
        return self.form_class
