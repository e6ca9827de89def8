"""Every page of every area: that each is made, how long it takes beside our own, and what it leaves behind."""
