//! Feeds what the fuzzer makes up to the body of the same name.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    dragnet_fuzz::memory(data);
});
