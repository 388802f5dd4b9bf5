"""Conversations and requests as plain records, for stores and queues that keep JSON.

Absent fields mean their defaults, so that a record grows without a migration. Each module is imported by itself: who
puts a request on the queue need not load what a conversation consists of.
"""
