"""The ways to reach a person: one file a channel, all with the same method and the same two ways to fail."""

from notifications.channels.channel import Channel, DeliveryDelayed, DeliveryRefused, Message

__all__ = ["Channel", "DeliveryDelayed", "DeliveryRefused", "Message"]
