//! Programs that are run for a sign-in. One that is given up is ended with everything it started; on
//! Windows the shell alone is ended, and what it started goes on.

use std::{
    io,
    process::{ExitStatus, Stdio},
};

use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// A running program. Dropping it ends it.
pub(crate) struct Program {
    child: Child,
    has_ended: bool,
}

impl Program {
    /// Starts a program that has nothing to read.
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        Ok(Self {
            child: command.spawn()?,
            has_ended: false,
        })
    }

    /// What it prints, and what it prints as errors; once.
    pub(crate) fn outputs(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits for its end. What it started and left running is let be.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        self.has_ended = true;
        status
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        #[cfg(unix)]
        if !self.has_ended
            && let Some(group) = self
                .child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(rustix::process::Pid::from_raw)
        {
            let ended = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            // It may have ended by itself just now.
            tracing::debug!(?ended, "a program was ended");
        }
    }
}

/// A line of text as the computer's shell understands it.
pub(crate) fn shell(line: &str) -> Command {
    #[cfg(windows)]
    {
        let mut command = Command::new("cmd.exe");
        // As it stands: the shell has rules of its own about quotes.
        command.arg("/C").raw_arg(format!("\"{line}\""));
        // No window of its own.
        command.creation_flags(0x0800_0000);
        command
    }
    #[cfg(not(windows))]
    {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        command
    }
}
