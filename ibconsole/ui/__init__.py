"""What people see: panes with presenters, Qt models, widgets and the theme."""
