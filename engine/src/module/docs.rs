//! Reference pages for modules, written from their schemas.
