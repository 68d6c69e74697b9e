from .provider import Provider, ProviderTopic, SearchWord
from .service import Service
from .topic import Topic

__all__ = ["Provider", "ProviderTopic", "SearchWord", "Service", "Topic"]
