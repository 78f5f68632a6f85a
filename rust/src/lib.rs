//! The native kernels of textclean.
