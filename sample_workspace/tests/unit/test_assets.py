"""The minifiers."""

from tools.assets import minify_css, minify_js


def test_css_loses_comments_and_spaces_but_no_meaning() -> None:
    """Spaces between selectors and in values stay."""
    assert minify_css("/* hi */\n#a li,\nb > c {\n  margin: 0 1rem;\n}\n") == "#a li,b>c{margin: 0 1rem}\n"


def test_js_keeps_what_looks_like_a_comment_inside_a_line() -> None:
    """A URL is no comment."""
    assert minify_js('// hi\n\n  const url = "http://x";\n') == 'const url = "http://x";\n'
