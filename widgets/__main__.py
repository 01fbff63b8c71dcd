"""`python -m widgets` shows the gallery."""

from time import monotonic

from widgets.gallery import GalleryApp
from widgets.gallery_data import NOW

if __name__ == "__main__":
    began = monotonic()
    GalleryApp(clock=lambda: NOW + monotonic() - began).run()
