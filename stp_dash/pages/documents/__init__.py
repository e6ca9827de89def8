"""Documents of the project as pages: methods, glossary and accessibility statement."""
