//! How far a run is: on standard error, for people only.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::walk::{Policy, Walker, Work};

/// A bar, or nothing.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    stop: AtomicBool,
}

impl Progress {
    /// A bar if `visible`.
    pub(crate) fn new(visible: bool) -> Progress {
        let bar = visible.then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(4);
            let bar = ProgressBar::with_draw_target(None, target);
            bar.set_style(style(TEMPLATE_UNKNOWN));
            bar
        });
        Progress { bar, stop: AtomicBool::new(false) }
    }

    /// Is there something to see?
    pub(crate) fn is_visible(&self) -> bool {
        self.bar.is_some()
    }

    /// Finds out how much there is to do, for the remaining time. Runs
    /// beside the scan.
    pub(crate) fn count(
        &self,
        targets: &[std::ffi::OsString],
        policy: &Policy,
    ) {
        let Some(bar) = &self.bar else { return };
        let mut total = 0_u64;
        let mut walker = Walker::new(policy);
        for target in targets {
            walker.target(target, &mut |work| {
                if let Work::File(path) = &work {
                    total = total.saturating_add(size(path));
                }
                !self.stop.load(Ordering::Relaxed)
            });
        }
        if !self.stop.load(Ordering::Relaxed) {
            bar.set_style(style(TEMPLATE));
            bar.set_length(total);
        }
    }

    /// So many bytes more are done.
    pub(crate) fn advance(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    /// Writes something without the bar in between.
    pub(crate) fn beside<T>(
        &self,
        write: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

const TEMPLATE: &str = "[{bar:30}] {bytes}/{total_bytes} \
    {binary_bytes_per_sec}, {eta} left";
const TEMPLATE_UNKNOWN: &str = "{spinner} {bytes} {binary_bytes_per_sec}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |meta| meta.len())
}
