"""
Words that other sites have taken for markup, scripts or paths.
"""

PAYLOADS = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>',
    "'><svg onload=window.pwned=1>",
    "</title><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<a href=javascript:window.pwned=1>here</a>",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    '" autofocus onfocus=window.pwned=1 x="',
    "<math><mi xlink:href='javascript:window.pwned=1'>",
    "<style>*{background:url(//evil.example)}</style>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "‮evil‬ \u200bname",
)

ALL = " ".join(PAYLOADS)
