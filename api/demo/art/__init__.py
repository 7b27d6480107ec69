"""
Twelve works by three invented artists, made by code.

* `catalogue`   the works with their museum labels; `works()` is what others call
* `surface`     the sheet: noise, blur, paper, grain, and the bytes at the end
* `brush`       strokes of many hairs, and the artists' seals
* the rest      one module a work; its docstring says what the picture is

Ilka Marrow paints light and weather, Teodor Brask works in line, thread and print, and
Wen Lanyin in ink on paper. Every picture is the same bytes each time it is rendered.
"""
