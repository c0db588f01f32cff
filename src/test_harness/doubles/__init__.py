"""Stand-ins for services: modules with a fixture, loaded when `doubles` names them."""
