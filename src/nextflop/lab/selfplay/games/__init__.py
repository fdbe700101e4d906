"""Board games for two, as pure functions of arrays: one small file a game behind one interface."""
