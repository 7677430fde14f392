//! Which words tell what language a text is in.

/// Programs that a script names in its first line.
pub(super) const INTERPRETERS: [(&str, &str, &str); 21] = [
    ("sh", "POSIX shell script text executable", SHELL),
    ("bash", "Bourne-Again shell script text executable", SHELL),
    ("csh", "C shell script text executable", SHELL),
    ("tcsh", "Tenex C shell script text executable", SHELL),
    ("ksh", "Korn shell script text executable", SHELL),
    ("zsh", "Paul Falstad's zsh script text executable", SHELL),
    ("ash", "Neil Brown's ash script text executable", SHELL),
    ("fish", "fish shell script text executable", SHELL),
    ("python", "Python script text executable", "text/x-script.python"),
    ("perl", "Perl script text executable", "text/x-perl"),
    ("ruby", "Ruby script text executable", "text/x-ruby"),
    ("node", "Node.js script executable", "application/javascript"),
    ("nodejs", "Node.js script executable", "application/javascript"),
    ("php", "PHP script text executable", "text/x-php"),
    ("awk", "awk script text executable", "text/x-awk"),
    ("gawk", "GNU awk script text executable", "text/x-gawk"),
    ("nawk", "new awk script text executable", "text/x-nawk"),
    ("tclsh", "Tcl script text executable", "text/x-tcl"),
    ("wish", "Tcl/Tk script text executable", "text/x-tcl"),
    ("expect", "expect script text executable", ""),
    ("lua", "Lua script text executable", "text/x-lua"),
];
const SHELL: &str = "text/x-shellscript";

/// What tells a kind of text.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// The text starts with it.
    Start(&'static str),
    /// The same in any case of the letters.
    StartNocase(&'static str),
    /// A line starts with it.
    Line(&'static str),
    /// A line starts with it, and ends with something.
    Ends(&'static str, &'static str),
    /// A line starts with it, behind white space.
    Indented(&'static str),
    /// A line starts with it, and has something else behind it.
    Has(&'static str, &'static str),
    /// A line is it, a name, and an end.
    Named(&'static str, &'static str),
    /// One of the first lines is a point and two letters.
    Macro,
    /// It stands near the start, in any case of the letters.
    Word(&'static str),
}

use Mark::{
    Ends, Has, Indented, Line, Macro, Named, Start, StartNocase, Word,
};

pub(super) struct Kind {
    pub(super) marks: &'static [Mark],
    pub(super) name: &'static str,
    pub(super) mime: &'static str,
}

/// The first kind that has one of its marks counts.
pub(super) const KINDS: [Kind; 22] = [
    Kind {
        marks: &[
            Word("<!doctype html"),
            Word("<html"),
            Word("<head>"),
            Word("<title>"),
            Word("<body>"),
            Word("<script>"),
            Word("<style>"),
            StartNocase("<h1>"),
            StartNocase("<a href="),
        ],
        name: "HTML document text",
        mime: "text/html",
    },
    Kind {
        marks: &[Word("<?php"), StartNocase("<?\n"), StartNocase("<?=")],
        name: "PHP script text",
        mime: "text/x-php",
    },
    Kind {
        marks: &[
            Start("diff "),
            Start("Index: "),
            Start("Only in "),
            Start("*** "),
        ],
        name: "diff output text",
        mime: "text/x-diff",
    },
    Kind {
        marks: &[
            Start("Return-Path:"),
            Start("Received:"),
            Start("Relay-Version:"),
        ],
        name: "SMTP mail text",
        mime: "message/rfc822",
    },
    Kind {
        marks: &[
            Start("From:"),
            Start("Message-ID:"),
            Start("Newsgroups:"),
            Start("Path:"),
            Start("Xref:"),
        ],
        name: "news or mail text",
        mime: "message/rfc822",
    },
    Kind {
        marks: &[
            StartNocase("@echo off"),
            StartNocase("@rem"),
            StartNocase("@set "),
        ],
        name: "DOS batch file text",
        mime: "text/x-msdos-batch",
    },
    Kind {
        marks: &[Line("dnl ")],
        name: "M4 macro processor script text",
        mime: "text/x-m4",
    },
    Kind {
        marks: &[
            Ends("module.exports", ";"),
            Start("'use strict'"),
            Start("\"use strict\""),
            Has("const ", "require("),
            Has("let ", "require("),
            Has("var ", "require("),
            Has("import ", " from '"),
            Has("import ", " from \""),
            Ends("export ", "{"),
            Ends("export ", "';"),
            Ends("async function ", "{"),
            Line("(function("),
        ],
        name: "JavaScript source text",
        mime: "application/javascript",
    },
    Kind {
        marks: &[
            Ends("template", ">"),
            Named("namespace", "{"),
            Named("using namespace", ";"),
            Line("using std::"),
            Indented("public:"),
            Indented("private:"),
            Indented("protected:"),
            Ends("virtual ", ";"),
        ],
        name: "C++ source text",
        mime: "text/x-c++",
    },
    Kind {
        marks: &[
            Start(".\\\""),
            Start("'\\\""),
            Start("'.\\\""),
            Start("\\\""),
            Start("'''"),
            Macro,
        ],
        name: "troff or preprocessor input text",
        mime: "text/troff",
    },
    Kind {
        marks: &[Named("import", ";"), Named("import static", ";")],
        name: "Java source text",
        mime: "text/x-java",
    },
    Kind {
        marks: &[
            Line("#include"),
            Line("char "),
            Line("double "),
            Line("extern "),
            Line("float "),
            Line("struct "),
            Line("union "),
            Line("#pragma "),
        ],
        name: "C source text",
        mime: "text/x-c",
    },
    Kind {
        marks: &[Line("\\documentclass")],
        name: "LaTeX 2e document text",
        mime: "text/x-tex",
    },
    Kind {
        marks: &[
            Line("\\documentstyle"),
            Line("\\chapter"),
            Line("\\section"),
            Line("\\begin"),
            Line("\\input"),
            Line("\\setlength"),
        ],
        name: "LaTeX document text",
        mime: "text/x-tex",
    },
    Kind {
        marks: &[
            Indented(".asciiz"),
            Indented(".byte"),
            Indented(".even"),
            Indented(".globl"),
            Indented(".text"),
            Indented(".file"),
            Indented(".type"),
        ],
        name: "assembler source text",
        mime: "text/x-asm",
    },
    Kind {
        marks: &[Ends("package ", ";")],
        name: "Perl5 module source text",
        mime: "",
    },
    Kind {
        marks: &[Line("=head1 "), Line("=pod")],
        name: "Perl POD document text",
        mime: "",
    },
    Kind {
        marks: &[
            Ends("require '", "'"),
            Line("require_relative"),
            Ends("  def ", "(self)\n"),
        ],
        name: "Ruby script text",
        mime: "text/x-ruby",
    },
    Kind {
        marks: &[Ends("def ", "):"), Ends("class ", "):"), Start("\"\"\"")],
        name: "Python script text executable",
        mime: "text/x-script.python",
    },
    Kind {
        marks: &[
            Line("CFLAGS"),
            Line("VPATH"),
            Line("LDFLAGS"),
            Line(".PRECIOUS"),
            Line(".SUFFIXES"),
        ],
        name: "makefile script text",
        mime: "text/x-makefile",
    },
    Kind {
        marks: &[Line("(defun "), Line("(autoload "), Line("(setq ")],
        name: "Lisp/Scheme program text",
        mime: "text/x-lisp",
    },
    Kind {
        marks: &[StartNocase("[autorun]\r\n")],
        name: "Microsoft Windows Autorun file",
        mime: "application/x-setupscript",
    },
];
