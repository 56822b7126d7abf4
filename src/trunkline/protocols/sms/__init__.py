"""Short-message content, pure: alphabets, segmentation, headers, reassembly, delivery receipts.

gsm, ucs2     text <-> octets                     segment      text -> parts and units
udh           user data headers                   payload      parts -> fields of an SMPP PDU
decode        fields of an SMPP PDU -> text       reassembly   parts -> whole messages
receipts      delivery receipts, text and TLVs
"""
