"""`python -m widgets` shows the gallery."""

from widgets.gallery import GalleryApp

if __name__ == "__main__":
    GalleryApp().run()
