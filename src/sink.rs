//! Where results go: in order, to standard output or to a file, and now and
//! then a note of how far they are.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::checkpoint::{Checkpoint, Kept, KeptImage};
use crate::image::Image;
use crate::progress::Progress;
use crate::report::{Output, Report, Tally};
use crate::worker::Done;

/// Writes results.
pub(crate) struct Sink<'j> {
    report: &'j dyn Report,
    progress: &'j Progress,
    /// Images that were opened, in their order.
    images: &'j Mutex<Vec<Arc<Image>>>,
    state: Mutex<Written>,
}

/// What was written.
pub(crate) struct Written {
    out: Out,
    is_terminal: bool,
    is_first: bool,
    pub(crate) tally: Tally,
    done: u64,
    last: String,
    checkpoint: Option<Checkpoint>,
}

enum Out {
    Standard(BufWriter<io::Stdout>),
    File(BufWriter<File>),
}

impl Out {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Out::Standard(out) => out,
            Out::File(out) => out,
        }
    }
}

const BUFFER: usize = 1 << 16;

impl<'j> Sink<'j> {
    /// To standard output.
    pub(crate) fn new(
        report: &'j dyn Report,
        progress: &'j Progress,
        images: &'j Mutex<Vec<Arc<Image>>>,
    ) -> Sink<'j> {
        let out = BufWriter::with_capacity(BUFFER, io::stdout());
        let state = Mutex::new(Written {
            out: Out::Standard(out),
            is_terminal: io::stdout().is_terminal(),
            is_first: true,
            tally: Tally::default(),
            done: 0,
            last: String::new(),
            checkpoint: None,
        });
        Sink { report, progress, images, state }
    }

    /// To a file, which keeps what an earlier run left in it.
    pub(crate) fn open(
        &mut self,
        path: &Path,
        checkpoint: Option<Checkpoint>,
        kept: Option<&Kept>,
    ) -> io::Result<()> {
        let mut options = File::options();
        options.write(true).create(true);
        let mut file = options.truncate(kept.is_none()).open(path)?;
        let state = self.state.get_mut();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept {
            let length = file.seek(SeekFrom::End(0))?;
            if length < kept.length {
                let message = "the output is shorter than the checkpoint says";
                return Err(io::Error::other(message));
            }
            file.set_len(kept.length)?;
            file.seek(SeekFrom::Start(kept.length))?;
            state.tally = kept.tally();
            state.is_first = kept.is_first;
            state.done = kept.done;
            state.last.clone_from(&kept.last);
            self.progress.advance(state.tally.bytes);
        }
        let out = BufWriter::with_capacity(BUFFER, file);
        state.out = Out::File(out);
        state.is_terminal = false;
        state.checkpoint = checkpoint;
        Ok(())
    }

    /// What comes before all rows.
    pub(crate) fn begin(&self) -> io::Result<()> {
        self.lock().out.writer().write_all(&self.report.begin())
    }

    /// Writes the next result.
    pub(crate) fn write(&self, done: &Done) -> io::Result<()> {
        let mut state = self.lock();
        state.tally.add(&done.tally);
        if let Some((image, bytes)) = &done.left_out {
            image.leave_out(*bytes);
        }
        state.done += 1;
        self.progress.advance(done.tally.bytes);
        self.put(&mut state, &done.output, true)?;
        if state.checkpoint.is_some() {
            state.last = dragnet::display_path(&done.path);
            self.keep(&mut state)?;
        }
        Ok(())
    }

    /// What was written so far, for the last words.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Written> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is no result of work.
    pub(crate) fn put(
        &self,
        state: &mut Written,
        output: &Output,
        is_row: bool,
    ) -> io::Result<()> {
        if output.out.is_empty() && output.err.is_empty() {
            return Ok(());
        }
        let write = |state: &mut Written| {
            if !output.out.is_empty() {
                let out = state.out.writer();
                if is_row && !state.is_first {
                    out.write_all(self.report.separator())?;
                }
                out.write_all(&output.out)?;
                if state.is_terminal {
                    out.flush()?;
                }
                state.is_first &= !is_row;
            }
            // If nobody listens, the results are still wanted.
            let _ = io::stderr().write_all(&output.err);
            Ok(())
        };
        if state.is_terminal || !output.err.is_empty() {
            self.progress.beside(|| write(state))
        } else {
            write(state)
        }
    }

    /// Notes how far the results are, if it is time.
    fn keep(&self, state: &mut Written) -> io::Result<()> {
        let due = state.checkpoint.as_ref().is_some_and(Checkpoint::is_due);
        let Out::File(out) = &mut state.out else { return Ok(()) };
        if !due {
            return Ok(());
        }
        out.flush()?;
        let file = out.get_mut();
        file.sync_data()?;
        let length = file.stream_position()?;
        let images = self.images.lock();
        let images = images.unwrap_or_else(PoisonError::into_inner);
        let of = |image: &Arc<Image>| {
            KeptImage::new(image.left_out(), &image.late_problems())
        };
        let mut kept = Kept::new(&state.tally);
        kept.done = state.done;
        kept.last.clone_from(&state.last);
        kept.length = length;
        kept.is_first = state.is_first;
        kept.images = images.iter().map(of).collect();
        match &mut state.checkpoint {
            Some(checkpoint) => checkpoint.keep(&kept),
            None => Ok(()),
        }
    }

    /// Everything was written; if the run is over, it need not go on.
    pub(crate) fn end(
        &self,
        state: &mut Written,
        is_over: bool,
    ) -> io::Result<()> {
        state.out.writer().flush()?;
        match &state.checkpoint {
            Some(checkpoint) if is_over => checkpoint.remove(),
            _ => Ok(()),
        }
    }
}
