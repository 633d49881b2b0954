// Carries the precompiled headers that every test binary reuses.
