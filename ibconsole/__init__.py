"""A desktop console for the inbound setup of Infobip mobile push."""

__version__ = "0.1.0"
