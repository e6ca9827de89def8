"""What people record beside the figures: where limits start again, events worth remembering on a chart, and plans.

Each stands under the role of who decided, never under a name. Nothing is deleted: a decision is withdrawn, and says
when; an event that is changed is followed by another version of it.
"""
