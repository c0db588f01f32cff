"""Requests and answers, a module for each resource."""
