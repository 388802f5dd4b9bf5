"""An answer with all that Markdown offers, and texts that try to be more than text."""

ANSWER = """## 福岡の**おすすめ**

来週の出張ですね。*いくつか*挙げます。~~雨~~

1. 屋台
   - ラーメン
   - おでん
2. 明太子

- [x] 宿
- [ ] 切符

| 店 | 一言 |
| --- | ---: |
| 一番 | `早い` |
| 二番 | **うまい** |

> 山笠は7月です。

```python
def 屋台(n):
    return "<b>" * n
```

くわしくは[市のページ](https://example.com/fukuoka)や https://example.com/a?b=1&c=2 へ。
"""

SCRIPTS = (
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "[link](javascript:window.hit=1)",
    "[link](data:text/html,<script>window.hit=1</script>)",
    "![picture](https://evil.example/x.png)",
    "<https://evil.example/|<img src=x onerror=window.hit=1>>",
    "`<svg onload=window.hit=1>`",
    '```"><script>window.hit = 1</script>\n<script>window.hit = 1</script>\n```',
    "| <script>window.hit = 1</script> | b |\n|---|---|\n| <iframe src=//evil.example></iframe> | b |",
    '<@U0"><script>window.hit=1</script>>',
)
