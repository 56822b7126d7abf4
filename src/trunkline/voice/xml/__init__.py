"""Reading the XML of applications: leniently as text, strictly as a grammar.

`scan` turns bytes into nodes and forgives what SDKs are known to get wrong; `elements` is the one
table of elements, attributes, ranges, defaults and nesting; `check` holds nodes against it;
`ssml` the markup inside of `<Speak>`. All pure.
"""
