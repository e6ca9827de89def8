"""Control charts of what happens seldom: by the time, or by how much, that lies between one event and the next."""
