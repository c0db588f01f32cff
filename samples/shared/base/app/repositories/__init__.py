"""The only modules that write queries. They flush; committing is the request's business."""
