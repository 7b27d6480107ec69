"""
Files: from an artist's upload to bytes that outlive everybody.

`uploads` receives, `checks` looks inside, `variants` derives pictures, `store` keeps, `pinning`
spreads and reads back, `gateway` gives out. Synchronous throughout; rows are `media_*`, work that
outlives a request is returned as `jobs.Job` for the caller to enqueue. README.md has the states.
"""
