"""What is on offer: providers, services, topics, and how they are found."""
