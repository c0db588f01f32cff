"""How the engine comes to a project, from every source and with every installer."""
