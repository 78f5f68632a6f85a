//! The structures of Arrow's C interface, transcribed from the specification: "The Arrow C data interface" and "The Arrow C stream interface".

use std::ffi::{c_char, c_int, c_void};
use std::ptr::null_mut;

/// `struct ArrowSchema`.
#[repr(C)]
#[derive(Debug)]
pub struct Schema {
    pub(super) format: *const c_char,
    pub(super) name: *const c_char,
    pub(super) metadata: *const c_char,
    pub(super) flags: i64,
    pub(super) n_children: i64,
    pub(super) children: *mut *mut Schema,
    pub(super) dictionary: *mut Schema,
    pub(super) release: Option<unsafe extern "C" fn(*mut Schema)>,
    pub(super) private_data: *mut c_void,
}

/// `struct ArrowArray`.
#[repr(C)]
#[derive(Debug)]
pub struct Array {
    pub(super) length: i64,
    pub(super) null_count: i64,
    pub(super) offset: i64,
    pub(super) n_buffers: i64,
    pub(super) n_children: i64,
    pub(super) buffers: *mut *const c_void,
    pub(super) children: *mut *mut Array,
    pub(super) dictionary: *mut Array,
    pub(super) release: Option<unsafe extern "C" fn(*mut Array)>,
    pub(super) private_data: *mut c_void,
}

/// `struct ArrowArrayStream`.
#[repr(C)]
#[derive(Debug)]
pub struct Stream {
    pub(super) get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    pub(super) get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    pub(super) get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    pub(super) release: Option<unsafe extern "C" fn(*mut Stream)>,
    pub(super) private_data: *mut c_void,
}

macro_rules! owned {
    ($($name:ident { $($field:ident: $value:expr),* }),*) => {$(
        impl $name {
            /// Takes what the producer put at `place`, which is left released, as the specification says a move is done.
            ///
            /// # Safety
            /// `place` holds an initialized structure of this kind.
            pub unsafe fn take(place: *mut Self) -> Self {
                // SAFETY: as the caller promises.
                unsafe { std::ptr::replace(place, Self::default()) }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $value),* }
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: a structure with a release function is owned by whoever holds it, here.
                    unsafe { release(self) };
                }
            }
        }
    )*};
}

owned!(
    Schema {
        format: std::ptr::null(),
        name: std::ptr::null(),
        metadata: std::ptr::null(),
        flags: 0,
        n_children: 0,
        children: null_mut(),
        dictionary: null_mut(),
        release: None,
        private_data: null_mut()
    },
    Array {
        length: 0,
        null_count: 0,
        offset: 0,
        n_buffers: 0,
        n_children: 0,
        buffers: null_mut(),
        children: null_mut(),
        dictionary: null_mut(),
        release: None,
        private_data: null_mut()
    },
    Stream { get_schema: None, get_next: None, get_last_error: None, release: None, private_data: null_mut() }
);

// SAFETY: the functions of a stream may be called from any thread, one at a time, which `&mut` makes sure of.
unsafe impl Send for Stream {}
