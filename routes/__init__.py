"""The web app around the screens: routes, pages behind links, and what stands before every request."""
