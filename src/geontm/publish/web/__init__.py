"""Interactive pages: geometry packed once, a folium layer, everything inside one file."""
