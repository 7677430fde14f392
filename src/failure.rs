//! Why a command ends before it has done its work.

use std::fmt;

/// Exit code: done.
pub(crate) const DONE: u8 = 0;
/// Exit code: there are findings, and the caller asked to be told so.
pub(crate) const FINDINGS: u8 = 1;
/// Exit code: nothing could be started.
pub(crate) const UNUSABLE: u8 = 2;
/// Exit code: not everything could be scanned.
pub(crate) const INCOMPLETE: u8 = 3;

/// A message for the user and an exit code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// One or more lines; empty if all was said.
    pub(crate) message: String,
    /// The exit code.
    pub(crate) code: u8,
}

impl Failure {
    /// The command cannot be started.
    pub(crate) fn usage(message: impl fmt::Display) -> Failure {
        Failure { message: message.to_string(), code: UNUSABLE }
    }

    /// Something about a path.
    pub(crate) fn path(
        path: &std::path::Path,
        error: impl fmt::Display,
    ) -> Failure {
        let path = dragnet::display_path(path);
        Failure::usage(format!("{path}: {error}"))
    }

    /// Everything was said already.
    pub(crate) fn silent(code: u8) -> Failure {
        Failure { message: String::new(), code }
    }

    /// Output could not be written.
    pub(crate) fn output(error: &std::io::Error) -> Failure {
        // Whoever closes a pipe early knows that there is more.
        let is_pipe = error.kind() == std::io::ErrorKind::BrokenPipe;
        let message = if is_pipe {
            String::new()
        } else {
            format!("cannot write the output: {error}")
        };
        Failure { message, code: INCOMPLETE }
    }
}
