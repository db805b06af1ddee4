"""When are two outputs, or two values, the same?"""
