// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Shells for CGI and application servers in Perl, Python, Ruby and Lua.

private rule perl_text {
    strings:
        $bang = /(bin\/perl|#!perl|env perl|perl\.exe)/ nocase
        $use = /(use strict|use CGI|use IO::|use Socket|use warnings|use LWP|use MIME)/
        $sub = /(my \$|my @|my %|my \(|local \$|local @|local \(|our \$|our @)/
        $read = /\$ENV\{|<STDIN>|@ARGV/
        $parse = "param("
    condition:
        any of them
}

private rule python_text {
    strings:
        $bang = "python"
        $imp = /(import os|import sys|import cgi|import socket|import subprocess|import base64|import urllib|import requests|import pty|import web|import ctypes|import marshal|import zlib|import http|import code|from flask|from bottle|import bottle|import tornado|from http|from urllib|from os |from subprocess|from django|from aiohttp|from fastapi|from socket)/
        $exec = /(exec\(|eval\(|exec \()/
    condition:
        any of them
}

rule WEBSHELL_Perl_CGI_Command {
    meta:
        description = "Detects Perl CGI programs that run request data as a command, by backticks, system, exec, open with a pipe or qx"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://perldoc.perl.org/perlsec"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "18b63cb8-054f-5782-80ed-69721a3fcc27"
    strings:
        $a = /(\bsystem|\bexec)\s{0,3}\(?\s{0,3}["'(]{0,2}\$?(\w{1,8})?(param\(|->param\(|->param \(|ENV\{QUERY|ENV\{'QUERY|ENV\{"QUERY|ENV\{HTTP|ENV\{'HTTP|ENV\{"HTTP|ENV\{PATH_INFO|FORM\{|\$in\{|INPUT\{|form\{|input\{)/
        $b = /`[^`\n]{0,80}(->param\(|->param \(|ENV\{QUERY|ENV\{'QUERY|ENV\{"QUERY|ENV\{HTTP|ENV\{'HTTP|ENV\{"HTTP|ENV\{PATH_INFO|\$FORM\{|\$in\{|\$INPUT\{|\$form\{|\$input\{)[^`\n]{0,60}`/
        $c = /open\s{0,3}\(?\s{0,3}[\w\$]{1,20}\s?,\s?["'][^"'\n]{0,60}(->param\(|->param \(|ENV\{QUERY|ENV\{'QUERY|ENV\{"QUERY|ENV\{HTTP|ENV\{'HTTP|ENV\{"HTTP|ENV\{PATH_INFO|\$FORM\{|\$in\{|\$INPUT\{|\$form\{|\$input\{)[^\n]{0,60}\|/
        $v = /(\$cmd|\$command|\$comando|\$RunCommand)\s?=\s?[^;~\n]{0,30}(param\(|QUERY_STRING|\{cmd\}|\{'cmd'\}|\{"cmd"\}|\{command\}|\{'command'\}|\{"command"\}|\{command_input\}|\{'command_input'\}|\{exec\})/
        $r = /((\bsystem|\bexec)\s{0,3}\(?\s{0,3}"?(\$cmd|\$command|\$comando|\$run|\$exec|\$shell|\$RunCommand)\b|`[^`\n]{0,60}(\$cmd|\$command|\$comando|\$run|\$exec|\$shell|\$RunCommand)\b[^`\n]{0,40}`|qx\s?[\/{(\[|][^\n]{0,40}(\$cmd|\$command|\$comando|\$run|\$exec|\$shell|\$RunCommand)\b|open\s{0,3}\(?\s{0,3}\w{1,20}\s?,\s?"[^"\n]{0,60}(\$cmd|\$command|\$comando|\$run|\$exec|\$shell|\$RunCommand)\b[^"\n]{0,20}\|)/
        $web = /(Content-type|CGI::|use CGI|QUERY_STRING|param\s?\()/ nocase
        $fp1 = "package "
        $out = /(print `\$|print\(`\$|",`\$|", `\$|"\.`\$|" \. `\$)\w{1,12}`/
    condition:
        perl_text
        and filesize < 300KB
        and (any of ($a, $b, $c) or ($v and $r and $web) or ($out and $web and filesize < 4KB))
        // a module is no program that a server starts
        and (not $fp1 or uint16be(0) == 0x2321)
}

rule WEBSHELL_Perl_Eval_Request {
    meta:
        description = "Detects Perl that evaluates request data or decoded text: eval of a parameter, of base64, of unpacked or substituted literals"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://perldoc.perl.org/functions/eval"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "58d35194-62c9-578d-aef1-dac2b18f7676"
    strings:
        $a = /(\beval |\beval\(|\beval\{|\beval "|\beval\("|\beval \()\s{0,3}(\$\w{1,8}->param\s?\(|param\s?\(|\$(FORM|in|INPUT|ENV)\{|<STDIN>|shift->param)/
        $b = /(\beval |\beval\(|\beval\{|\beval \()\s{0,3}(MIME::Base64::)?(decode_base64|unpack|pack|uncompress|Compress::Zlib)\b/
        $c = /\beval\s{0,3}\(?\s{0,3}\$\w{1,20}\s?(\)|;)/
        $d = /(decode_base64\s?\(|unpack\s?\(?\s?['"]u|=~ s\/\.\/|=~ tr\/|=~tr\/|=~s\/\.\/)/
        // suppress: P003 -- a long literal has no text of its own; few files begin one
        $e = /[=(,] ?['"][A-Za-z0-9+\/=\\x]{300}/
        $fp1 = /(package |=head1|__PACKAGE__|require 5)/
    condition:
        perl_text
        and filesize < 300KB
        and ($a or ($b and $e) or ($c and $d and $e))
        and not $fp1
}

rule WEBSHELL_Perl_Connect_Back {
    meta:
        description = "Detects Perl that ties a socket to the standard streams and executes a shell: connect-back and bind shells in one or many lines"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1059/"
        reference = "https://attack.mitre.org/techniques/T1059/"
        mitre_att = "T1059"
        mitre_att = "T1071"
        id = "49bd5b07-f657-5293-8c8b-116e1977821d"
    strings:
        $s = /(socket\(|socket \(|IO::Socket::INET|Socket;|INET->new|sockaddr_in)/
        $o = /open\s{0,2}\(?\s{0,2}\*?STD(IN|OUT|ERR)\s?,\s?["']?[<>]{1,2}&|->fdopen\s?\(|dup2\s?\(/
        $x = /\b(exec|system)[({\s"']{1,5}(\/bin\/(ba|c|z|k)?sh|cmd(\.exe)?|\$\w{0,6}(shell|system|0|cmd)\b|sh\b)/ nocase
        $fp1 = /package |=head1|inetd|Net::Server/
    condition:
        perl_text
        and filesize < 60KB
        and all of ($s, $o, $x)
        and not $fp1
}

rule WEBSHELL_Perl_Bot {
    meta:
        description = "Detects Perl bots that take orders over a chat channel: nicks and channels, process name disguised, floods, scans and command execution"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1059/"
        reference = "https://attack.mitre.org/techniques/T1071/"
        mitre_att = "T1059"
        mitre_att = "T1071"
        id = "44aa422a-a703-5425-8697-e510caee085d"
    strings:
        $n = /(\$0 = ["'\$]|\$0="|\$0='|\$0=\$)/
        $irc = /(PRIVMSG|NICK\s\$|JOIN\s)/
        $x = /(= `\$|system\s?\(|\beval\b|\bfork\b|shell\s?\()/
        $f = /(udp\s?flood|tcp\s?flood|http\s?flood|portscan|conback|\badmins?\b\s?=|google\s?scan|milw|spread|@adms|@canais)/ nocase
        $s = /(IO::Socket|sockaddr_in|IO::Select)/
        $fp1 = "package "
    condition:
        perl_text
        and filesize < 500KB
        and $irc
        and $x
        and $f
        and $s
        and $n
        // a module is no program that a server starts
        and (not $fp1 or uint16be(0) == 0x2321)
}

rule WEBSHELL_Perl_Panel {
    meta:
        description = "Detects Perl CGI panels by captions and sub routines: command form, upload and download of files, login cookie, in one file"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "61dac9d8-ddaa-54b6-b85a-24aa80983b1c"
    strings:
        $a = /(CGI-?Telnet|PerlKit|cgi\s?shell|perl\s?web\s?shell|web\s?shell\sperl|telnet\.cgi|RunCommand|CommandTimeout|PrintCommandLineInputForm|ExecuteCommand)/ nocase
        $b = /(sub (upload|download|PrintFileUploadForm|edit|filemanager|RunCommand|ExecuteCommand|cmd|console))/ nocase
        $c = /(`cd |\bsystem\s?\(|(open\(|open \()\s?\w{1,16}\s?,\s?["'][^"'\n]{0,40}\|)/
        $d = /(Content-type|Set-Cookie|<form)/ nocase
    condition:
        perl_text
        and filesize < 300KB
        and all of ($a, $b, $c, $d)
}

rule WEBSHELL_Python_CGI_Command {
    meta:
        description = "Detects Python CGI programs and handlers that pass a form field, query string or header to a command or to exec and eval"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.python.org/3/library/subprocess.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059.006"
        id = "0adeaceb-86df-547e-9fa7-229d4ee28f94"
    strings:
        $a = /\b(os\.system|os\.popen\d?|subprocess\.(Popen|call|run|check_output|getoutput|getstatusoutput)|commands\.get(status)?output|exec|eval)\s?\(\s?["'\w.\s+%\[(]{0,20}(\w{1,8}\.getvalue\(|form\[["']|getfirst\(|request\.args|request\.form|request\.values|request\.GET|request\.POST|request\.params|request\.query|request\.data|request\.headers|request\.cookies|request\.get_data|request\.json|self\.get_argument|self\.get_query_argument|self\.get_body_argument|os\.environ(\.get)?[\[(]\s?["'](QUERY_STRING|HTTP_)|bottle\.request|web\.input|cherrypy\.request|req\.query|req\.params|req\.args)/
        $v = /\b(\w{0,6}cmd|\w{0,6}command|c|code|shell|payload|execute|run)\s?=\s?[^\n]{0,40}(form\.getvalue|getfirst\(|form\[|request\.args|request\.form|request\.values|request\.GET|request\.POST|request\.query|request\.headers|request\.cookies|request\.get_json|get_argument|QUERY_STRING|web\.input|parse_qs|self\.headers)/
        $r = /\b(os\.(system|popen\d?)|subprocess\.(Popen|call|run|check_output|getoutput)|commands\.getoutput|exec|eval)\s?\(\s?["'f]{0,3}\{?(\w{0,6}cmd|\w{0,6}command|c|code|shell|payload|execute|run)\b/
        $fp1 = /(shlex\.quote|DebuggedApplication|Licensed under|Copyright \(c\)|SPDX-License)/
        $w = /(os\.popen|os\.system|check_output|getoutput)\(\w{1,8}\.(cmd|command|exec|shell)\b/
        $web = /(web\.input|request\.|bottle\.|get_argument|environ\[)/
    condition:
        python_text
        and filesize < 60KB
        and ($a or ($v and $r) or ($w and $web and filesize < 4KB))
        and not $fp1
}

rule WEBSHELL_Python_Decoded_Exec {
    meta:
        description = "Detects Python that executes marshalled, compressed, reversed or base64 literals, the wrapping of planted Python programs"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/006/"
        reference = "https://docs.python.org/3/library/marshal.html"
        mitre_att = "T1059.006"
        mitre_att = "T1027"
        id = "e0737755-bb43-5891-a7ba-8b4c0ba8df62"
    strings:
        $a = /(\bexec\(|\bexec |\bexec \(|\beval\()\s?\(?\s?((__import__\s?\(\s?["'](marshal|zlib|base64|codecs|bz2|lzma)["']\s?\))\.|marshal\.|zlib\.|base64\.|bz2\.|lzma\.|codecs\.|compile\s?\(\s?(base64|zlib|__import__))(loads|decompress|b64decode|b32decode|b16decode|decode|b85decode|a85decode)?/
        $b = /(exec\(\(_\)\(|exec\(_\(|exec\(__\(|exec\(\(__\)\(|eval\(_\()|lambda\s{1,2}__?\s?:\s?__import__\s?\(\s?["'](zlib|marshal|base64)/
        $c = /\b(exec|eval)\s?\(\s?(bytes\.fromhex|["'][^"'\n]{0,20}["']\.join\s?\(\s?(map\s?\(\s?chr|chr|\[chr|\(chr)|["'][0-9a-fA-F]{40,200}["']\.decode\s?\(\s?["']hex)/
        $d = /\bexec\s?\(\s?(requests\.get|urllib\w{0,3}(\.request)?\.urlopen|urlopen|__import__\s?\(\s?["'](requests|urllib))/
        $fp1 = /(unittest|doctest|Licensed under|SPDX-License|SSH_PY_SHIM|DEFAULT_PIP|bootstrap|pyparsing)/
    condition:
        python_text
        and filesize < 2MB
        and any of ($a, $b, $c, $d)
        and not $fp1
}

rule WEBSHELL_Python_Connect_Back {
    meta:
        description = "Detects Python that joins a socket with a shell by dup2, pty.spawn or subprocess pipes"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1059/006/"
        reference = "https://attack.mitre.org/techniques/T1059/006/"
        mitre_att = "T1059.006"
        mitre_att = "T1071"
        id = "52c41f08-78f8-5455-949d-254a95d954c5"
    strings:
        $s = /socket\.socket\s?\(|socket\.create_connection|\.connect\s?\(\s?\(/
        $d = /os\.dup2\s?\(\s?\w{1,12}\.fileno\s?\(\s?\)\s?,\s?[012]\s?\)/
        $p = /pty\.spawn\s?\(|subprocess\.(call|Popen|run)\s?\(\s?\[?\s?["'](\/bin\/(ba)?sh|sh|cmd(\.exe)?|powershell)["']/
        $i = /(subprocess\.(Popen|run|check_output|getoutput)\s?\([^\n]{0,120}shell\s?=\s?True|os\.popen\d?\s?\(|commands\.getoutput\s?\(|\bcmd\.exe)/
        $r = /\.send(all|to)?\s?\([^\n]{0,60}(stdout|stderr|output|result|proc|res|os\.popen|check_output|getoutput)/
        $v = /\.recv\s?\(/
        $fp1 = /(unittest|pytest|Licensed under|SPDX-License|class .{0,30}Test)/
    condition:
        python_text
        and filesize < 60KB
        and $s
        and (($d and $p) or ($i and $r and $v))
        and not $fp1
}

rule WEBSHELL_Python_Wsgi_Or_Template {
    meta:
        description = "Detects small Python servers and middleware written as back doors: a handler that runs the path or body, routes added at run time, templates from the request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.006"
        id = "91c18d4b-1168-5aea-8d3e-4c30ab7ace51"
    strings:
        $a = /render_template_string\s?\(\s?request\.(args|form|values|data|cookies|headers)/
        $b = /(add_url_rule|before_request_funcs|after_request_funcs|view_functions|error_handler_spec)[^\n]{0,160}(popen|exec|eval|system|__import__)/
        $c = /class\s{1,3}\w{1,30}\s?\([^)\n]{0,60}BaseHTTPRequestHandler[^)\n]{0,20}\)/
        $d = /(os\.popen|os\.system|subprocess\.\w{3,12}|exec|eval)\s?\(\s?[^\n]{0,40}(self\.path|self\.rfile|self\.headers|post_data|unquote\s?\(|body\b|data\b|environ\[)/
        $e = /def\s{1,3}application\s?\(\s?environ\s?,\s?start_response\s?\)/
        $fp1 = /(unittest|pytest|Licensed under|SPDX-License|Copyright)/
    condition:
        python_text
        and filesize < 40KB
        and ($a or $b or ($d and ($c or $e)))
        and not $fp1
}

rule WEBSHELL_Python_Panel {
    meta:
        description = "Detects Python shell pages by their parts: command form, output of popen in a pre element, upload and file list in one program"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.006"
        id = "e2246ed1-8d30-546e-8444-f559f370b655"
    strings:
        $n = /(python\s?(web)?\s?shell|webshell\.py|pyshell|cgi[\s-]?python\s?shell|web\sconsole|backdoor)/ nocase
        $x = /(os\.popen\d?|os\.system|subprocess\.\w{3,16}|commands\.getoutput)\s?\(/
        $h = /(<form|<textarea|<pre>|Content-type|text\/html)/ nocase
        $i = /(FieldStorage|request\.|getvalue|QUERY_STRING|do_POST|get_argument|web\.input)/
        $fp1 = /(unittest|pytest|Licensed under|SPDX-License|Copyright|yara)/
    condition:
        python_text
        and filesize < 200KB
        and all of ($n, $x, $h, $i)
        and not $fp1
}

rule WEBSHELL_Ruby_Command {
    meta:
        description = "Detects Ruby pages and programs that run request parameters as commands or code: ERB templates, Sinatra and Rack one-liners, CGI"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.ruby-lang.org/en/master/Kernel.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "a725fa73-179d-529f-859b-499c7b5d3739"
    strings:
        $a = /(system\(params\[|system\(request\.params|system\(cgi\[|system\(req\.params|system params\[|system request\.params|system cgi\[|system req\.params|exec\(params\[|exec\(request\.params|exec\(cgi\[|exec\(req\.params|exec params\[|eval\(params\[|eval\(request\.params|eval\(cgi\[|eval\(req\.params|eval params\[|eval request\.params|eval cgi\[|eval req\.params|popen\(params\[|popen\(request\.params|popen\(cgi\[|popen\(req\.params|capture2e\(params\[|capture2\(params\[|spawn\(params\[|`#\{params\[|`#\{request\.params|`#\{cgi\[|`#\{req\.params|system\("#\{params|exec\("#\{params|popen\("#\{params|%x\(#\{params|%x\{#\{params|env\["QUERY_STRING"\]\}`|env\['QUERY_STRING'\]\}`)/
        $b = /(<%= eval|<%=eval|<% eval|<%= system|<%=system|<% system|<%= IO\.popen|<%=IO\.popen|<%= %x|<%=%x)[^%]{0,30}(params\[|request\.|cgi\[)/
        $c = /ruby\s{1,2}-rsocket\s{1,2}-e|TCPSocket\.(open|new)\s?\([^;]{0,60};?[^;]{0,120}(exec\s?\(?["']?\/bin\/|IO\.popen|\$stdin\.reopen)/
        $fp1 = /(RSpec|describe |class \w+Test|rubocop)/
    condition:
        filesize < 60KB
        and any of ($a, $b, $c)
        and not $fp1
}

rule WEBSHELL_Lua_Command {
    meta:
        description = "Detects Lua pages and server scripts that run request arguments with io.popen, os.execute or loadstring"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.lua.org/manual/5.4/manual.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "dd5d41f4-2444-55cd-8a43-bd8bc877b10d"
    strings:
        $src = /(ngx\.req\.get_(uri|post)_args|ngx\.var\.arg_|ngx\.req\.get_body_data|ngx\.req\.get_headers|luci\.http\.formvalue|cgilua|r:parseargs|r\.args|QUERY_STRING|request\.args|handle:parsebody|r:parsebody)/
        $x = /(io\.popen|os\.execute|loadstring|luci\.sys\.(exec|call)|assert\s?\(\s?load)\s?\(?\s?/
        $v = /(io\.popen|os\.execute|loadstring|load|luci\.sys\.exec|luci\.sys\.call)\s?\(\s?(\w{1,12}\.?\w{0,12}|\w{1,12}\[["']?\w{1,12}["']?\]|ngx\.\S{1,30}|luci\.http\.formvalue\s?\(\s?["']\w{1,12}["']\s?\)|os\.getenv\s?\(\s?["']QUERY_STRING["']\s?\))\s?[,)]/
        $fp1 = /(Copyright|Licensed)/
    condition:
        filesize < 40KB
        and $src
        and $x
        and $v
        and not $fp1
}

rule MAL_Perl_Flood {
    meta:
        description = "Detects short Perl programs that send packets of random size to one address without end, the floods that intruders start from web servers"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1498/"
        mitre_att = "T1498"
        id = "5e9c609e-9668-57c9-9740-508386af7c17"
    strings:
        $sock = /(SOCK_DGRAM|SOCK_RAW|Proto\s?=>\s?["']udp|\bPF_INET,\s?3)/
        $send = /\bsend\s?\(?\s?\(?\w{1,12}\s?,|->send\s?\(/
        $loop = /(for\(;;|for \(;;|while\(1|while \(1|while ?\( 1|while\(\)|for ?\(my \$|while ?\(\$)/
        $rand = /(rand\s?\(?\s?\d{3,6}|rand\s?\(?\$|rand\s?\*|int\s?\(\s?rand)/
        $arg = /(\$ARGV\[|@ARGV|shift @ARGV|shift;)/
        $fp1 = "=head1"
    condition:
        perl_text
        and filesize < 12KB
        and all of ($sock, $send, $loop, $rand, $arg)
        and not $fp1
}

rule MAL_Python_Web_Tunnel_Client {
    meta:
        description = "Detects the client side of public web tunnels and shells: Python programs that speak to a planted page and open a local proxy or prompt"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1572/"
        reference = "https://attack.mitre.org/techniques/T1090/"
        mitre_att = "T1572"
        mitre_att = "T1090"
        id = "4a7b3bad-f696-54ad-849b-40d89aa100bf"
    strings:
        $name = /(reGeorg|neoreg|Tunna|tunna|pivotnacci|ABPTTS|abptts|suo5|weevely|Weevely|SharPyShell|sharpyshell|wsproxy|webshell|WebShell)/
        $http = /(import requests|import urllib2|import httplib|import http\.client|import urllib3|urllib\.request|HTTPConnectionPool)/
        $sock = /(socket\.socket\s?\(|SOCK_STREAM|raw_input\s?\(|input\s?\(|cmd\.Cmd\b|argparse|OptionParser)/
        $proto = /(socks|SOCKS|X-CMD|cmd=|shell>|CONNECT|base64|b64encode)/
        $fp1 = /(yara|YARA|signature|malware|unittest|pytest)/
    condition:
        python_text
        and filesize < 300KB
        and all of ($name, $http, $sock, $proto)
        and not $fp1
}

rule WEBSHELL_Perl_Uploader {
    meta:
        description = "Detects short Perl CGI programs that store an uploaded file under the name the visitor gives, without a look at its kind"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://perldoc.perl.org/functions/open"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "a733f3ba-b35d-5eff-b261-82f861c415fd"
    strings:
        $in = /(->param\s?\(|->upload\s?\(|\bparam\s?\(|&ReadParse)/
        $open = /open\s?\(?\s?(my \$|\$)?\w{1,12}\s?,\s?(["']>{1,2}["']\s?,\s?["']?[^\n"']{0,40}\$|["']>{1,2}\s?[^"'\n]{0,40}\$)/
        $copy = /(binmode|while ?\(<\$|while ?\(read|while ?\(\$\w{1,12} ?= ?read|read\s?\(\$)/
        $web = /(multipart\/form-data|->header|Content-type|print header)/ nocase
        $fp1 = /(POST_MAX|File::Temp|\bpackage |\.jpg|\.jpeg|\.gif|\.png)/
    condition:
        perl_text
        and filesize < 4KB
        and all of ($in, $open, $copy, $web)
        and not $fp1
}

rule MAL_Perl_Listener_Command {
    meta:
        description = "Detects Perl programs that wait on a port, read a line and run it as a command, with the output sent to the caller"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1059/"
        reference = "https://attack.mitre.org/techniques/T1571/"
        mitre_att = "T1059"
        mitre_att = "T1571"
        id = "c5c7cff7-3065-5fa2-81d9-6679c677490c"
    strings:
        $listen = /(\blisten\s?\(\s?\w|Listen\s?=>)/
        $accept = /(\baccept\s?\(|->accept)/
        $run = /(print \{?\$?\w{1,12}\}? `\$|= `\$\w{1,12}|system\(\$|system \$|system\("\$|exec\(\$|exec \$|open\s?\(?\s?\w{1,12}\s?,\s?"\$\w{1,12}[^"\n]{0,20}\|")/
        $out = /(print\s?\(?\s?\{?\$?\w{1,12}\}?\s|->send\s?\(|->print\s?\(|\bsend\s?\()/
        $fp1 = /(=head1|\bpackage |Net::Server|HTTP::Daemon)/
    condition:
        perl_text
        and filesize < 30KB
        and all of ($listen, $accept, $run, $out)
        and not $fp1
}
