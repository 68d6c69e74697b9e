from .provider import Provider, ProviderTopic
from .service import Service
from .topic import Topic

__all__ = ["Provider", "ProviderTopic", "Service", "Topic"]
