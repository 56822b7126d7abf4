"""Channels beside SMS, each put together from its domain, its carriers and its simulator."""
