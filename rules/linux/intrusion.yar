// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// What intruders leave on Linux servers beside a shell: persistence, preload
// libraries, authentication back doors, miners and their scripts.

rule MAL_Linux_Cron_Fetch {
    meta:
        description = "Detects cron entries and scripts that fetch a program or script at short intervals and pipe it into a shell"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1053/003/"
        reference = "https://attack.mitre.org/techniques/T1053/003/"
        mitre_att = "T1053.003"
        mitre_att = "T1105"
        id = "1082c37c-a8ed-58f2-b82c-fd23e2b3c9ee"
    strings:
        $a = /(\* \* \* |\*\t\*\t\*\t|@reboot|@hourly|@daily)[^\r\n#]{0,60}(curl|wget|lynx|python\d?\s-c)\s[^\r\n]{1,160}\|\s?(\/bin\/)?(ba)?sh\b/
        $b = /(curl|wget)\s[^\r\n|]{4,160}\|\s?(\/bin\/)?(ba)?sh[^\r\n]{0,60}["']\s?\|\s?crontab\s-/
        $c = /echo\s[^\r\n]{0,20}["'](\*\/\d{1,2}|\*)\s\*\s\*\s\*\s\*[^\r\n]{0,200}(curl|wget|base64|\/tmp\/|\/dev\/shm\/)[^\r\n]{0,120}(crontab|\/etc\/cron|\/var\/spool\/cron)/
        $fp1 = /(acme\.sh|certbot|healthchecks|hc-ping)/
    condition:
        filesize < 500KB
        and any of ($a, $b, $c)
        and not $fp1
}

rule MAL_Linux_Systemd_Or_Profile_Persistence {
    meta:
        description = "Detects unit files, rc scripts and shell profiles that start a program from a temporary or hidden folder or a reverse shell"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1543/002/"
        reference = "https://attack.mitre.org/techniques/T1543/002/"
        mitre_att = "T1543.002"
        mitre_att = "T1546.004"
        id = "ef08b928-c493-5d5d-98d8-1fa7c95701ab"
    strings:
        $a = /ExecStart\s?=\s?[-@]?(\/tmp\/|\/dev\/shm\/|\/var\/tmp\/|\/[\w\/]{0,40}\/\.[\w]{1,20}\/|\/bin\/(ba)?sh\s-c\s[^\r\n]{0,60}(curl|wget|\/dev\/tcp|base64\s-d|nc\s))/
        $b = /(nohup|setsid)\s{1,3}(\/tmp\/|\/dev\/shm\/|\/var\/tmp\/)\S{1,60}[^\r\n]{0,60}&\s{0,4}[^\r\n]{0,40}/
        $c = /(echo|printf)\s[^\r\n]{0,200}(\/dev\/tcp\/|\/tmp\/\.|\/dev\/shm\/\.|base64\s-d|curl\s|wget\s|nc\s-e)[^\r\n]{0,200}>>\s?(~|\$HOME|\/root|\/home\/\w{1,20})?\/?(\.bashrc|\.profile|\.bash_profile|etc\/rc\.local|etc\/profile)/
        $d = /(\/etc\/rc\.local|\/etc\/init\.d\/\w{1,20}|\.bashrc|\/etc\/profile)/
    condition:
        filesize < 200KB
        and ($a or ($b and $d) or $c)
}

rule MAL_Linux_Preload_Rootkit_Source {
    meta:
        description = "Detects source of preload libraries that hide files, processes or connections or give a shell: hooked directory and connection functions by dlsym"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1574/006/"
        reference = "https://attack.mitre.org/techniques/T1574/006/"
        mitre_att = "T1574.006"
        mitre_att = "T1014"
        id = "83cdd35a-19f0-5b41-a767-34729ba60e9d"
    strings:
        $d = /dlsym\s?\(\s?RTLD_NEXT\s?,\s?"(readdir(64)?|fopen(64)?|open(64)?|__xstat(64)?|accept|write|pam_\w{3,20}|unlinkat|execve|getdents(64)?)"/
        $h = /(\/proc\/|strstr|strcmp|d_name|MAGIC|hide|HIDE|\/etc\/ld\.so\.preload)/
        $s = /(\/bin\/(ba)?sh|setgid|setuid\s?\(\s?0|execl|system\s?\(|socket\s?\(|dup2)/
        $m = /(d_name|ld\.so\.preload|MAGIC|hide_|HIDE|unhide|is_invisible|backdoor|BACKDOOR)/
        $fp1 = /(GNU (Lesser )?General Public License|libasan|sanitizer|jemalloc|tcmalloc)/
    condition:
        filesize < 300KB
        and all of ($d, $h, $s, $m)
        and not $fp1
}

rule MAL_Linux_Preload_Rootkit_Binary {
    meta:
        description = "Detects ELF libraries that resolve directory, stat and open functions through dlsym, name the preload file and hold shell or password strings"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1574/006/"
        reference = "https://attack.mitre.org/techniques/T1014/"
        mitre_att = "T1574.006"
        mitre_att = "T1014"
        id = "c4270fb7-6762-5df8-bd98-30676294493d"
    strings:
        $d = "dlsym"
        $p = "/etc/ld.so.preload"
        $h1 = "readdir64"
        $h2 = "__xstat64"
        $h3 = "unlinkat"
        $h4 = "__lxstat"
        $h5 = /pam_authenticate|pam_get_item/
        $h6 = /\/proc\/net\/tcp/
        $s = /(\/bin\/(ba)?sh|HISTFILE|TERM=xterm|HIDE_|LD_PRELOAD)/
    condition:
        uint32be(0) == 0x7F454C46
        and filesize < 500KB
        and $d
        and $p
        and $s
        and 3 of ($h*)
}

rule MAL_Linux_PAM_Backdoor {
    meta:
        description = "Detects authentication modules or patches that accept a fixed password or store passwords of users in a file"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1556/003/"
        reference = "https://attack.mitre.org/techniques/T1556/003/"
        mitre_att = "T1556.003"
        id = "b7f7f879-9556-5bfb-b1ea-d424fd780bc8"
    strings:
        $f = /(pam_sm_authenticate|pam_unix_auth|_unix_verify_password|pam_get_item)/
        $k = /(strcmp|strncmp|memcmp)\s?\(\s?(p|pass|password|passwd)\s?,\s?(BACKDOOR\w{0,12}|MAGIC\w{0,12}|_?PASS\w{0,12}|"[^"\n]{4,30}")\s?[,)]/
        $l = /(fopen|open)\s?\(\s?"(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|\/usr\/(share|include|lib)\/)[^"\n]{1,50}"\s?,\s?("a|O_)[^;\n]{0,60};?[^;]{0,200};?[^;]{0,120}(fprintf|fputs|write)\s?\([^;]{0,120}(pass|password|\bp\b)/
        $sh = /sed\s-i\s[^\r\n]{0,60}pam_unix|mv\s[^\r\n]{0,60}pam_unix\.so|pam_exec\.so[^\r\n]{0,80}(expose_authtok)[^\r\n]{0,80}(\/tmp|\/dev\/shm|\.sh)/
    condition:
        filesize < 500KB
        and (($f and ($k or $l)) or $sh)
}

rule MAL_Linux_SSH_Key_Drop {
    meta:
        description = "Detects scripts that append a key to the authorised keys of root or of a service account and cover it with attributes, or loosen the SSH server"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1098/004/"
        reference = "https://attack.mitre.org/techniques/T1098/004/"
        mitre_att = "T1098.004"
        id = "8dcfbc72-bf1a-5ad0-8e54-bc49703e65b7"
    strings:
        $k = /ssh-(rsa|ed25519|dss)\s[^\r\n]{20,900}authorized_keys/
        $a = /(chattr\s{1,3}[+-][ia]{1,2}|chmod\s{1,3}[0-7]{3,4})\s[^\r\n]{0,40}(authorized_keys|\.ssh)/
        $p = /(PermitRootLogin\s{1,3}yes|iptables\s-F|setenforce\s0|history\s-c|pkill|crontab|curl\s|wget\s)/
    condition:
        filesize < 200KB
        and $k
        and $a
        and $p
}

rule MAL_Linux_Miner_Script {
    meta:
        description = "Detects scripts that fetch and start a coin miner: pool address, kill list of rivals and the disabling of protection or limits"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1496/"
        reference = "https://attack.mitre.org/techniques/T1496/"
        mitre_att = "T1496"
        id = "bff76e6d-18a2-5a23-ba83-e5ad0617b7b2"
    strings:
        $p = /(stratum\+(tcp|ssl):\/\/|--donate-level|xmrig|minerd|cryptonight|randomx|pool\.(minexmr|supportxmr|hashvault)|nanopool|moneroocean|c3pool)/ nocase
        $k = /(pkill|killall|kill\s-9)\s[^\r\n]{0,60}(xmr|miner|kinsing|kdevtmpfsi|watchbog|cpu|kthrotl|sysupdate|networkservice|\$)/ nocase
        $d = /(aliyun|cloudmonitor|aegis|yunjing|qcloud|setenforce\s0|ufw\s(disable|stop)|iptables\s-F|nr_hugepages|chattr\s)/ nocase
        $g = /(curl|wget)\s[^\r\n]{0,120}(https?:|\$)/
    condition:
        filesize < 500KB
        and all of them
}

rule MAL_Linux_Payload_In_Shell_Text {
    meta:
        description = "Detects shell scripts that carry a program or script as base64, hexadecimal or gzip text behind the code and execute the decoded outcome"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1027/"
        reference = "https://attack.mitre.org/techniques/T1140/"
        mitre_att = "T1027"
        mitre_att = "T1140"
        id = "23b7055e-2ea0-5351-aed1-f6124d4ee25d"
    strings:
        $a = /\becho\s[^|\r\n]{60,900}\|\s{0,3}base64\s{1,3}(-d|--decode|-D)\s{0,3}\|\s{0,3}(sudo\s{1,3})?(\/bin\/)?(ba|da|z)?sh\b/
        $b = /\|\s?(xxd -r -p|perl -pe [^|\r\n]{1,40}|openssl (enc|aes)[^|\r\n]{1,60}-d[^|\r\n]{0,40})\s?\|\s?(gunzip|gzip\s-d\w?|bzip2\s-d)?\s?\|?\s?(\/bin\/)?(ba)?sh\b/
        $c = /(tail|sed|awk)\s[^|\r\n]{0,30}(\$0|"\$0")\s?\|\s?(base64\s(-d|--decode)|gunzip|gzip\s-d\w?|tar\s)[^\r\n]{0,60}(>|\|)[^\r\n]{0,30}(\/tmp\/|\/dev\/shm\/|\/var\/tmp\/)[^\r\n]{0,80}/
        $c2 = /chmod\s{1,3}(\+x|[0-7]{0,1}7[0-7]{2})\s/
        $d = /(eval "?\$\(|bash -c "?\$\(|sh -c "?\$\()\s?((echo|printf)\s{1,3}["']?[A-Za-z0-9+\/=]{32}|(base64 -d|base64 --decode|rev)\s?<<<)/
        $fp1 = /(makeself|Makeself)/
    condition:
        filesize < 5MB
        and ($a or $b or ($c and $c2) or $d)
        and not $fp1
}

rule MAL_Linux_Memfd_Loader_Binary {
    meta:
        description = "Detects small ELF programs that create an anonymous memory file, fill it from a socket or decoder and execute it by its descriptor path"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1620/"
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1620"
        id = "02cdc740-4e4d-5fe7-b599-78d6f1a9a1e3"
    strings:
        $m = /memfd_create|\x00\x00\x00\x00b\x3f\x01\x00\x00\x0f\x05/
        $p = /\/proc\/(self|%d)\/fd\/(%d|\d)/
        $e = /(fexecve|execveat|execve|execle?)/
        $s = /(connect|recv|inflate|curl_easy|getaddrinfo|RC4_|AES_)/
        $fp1 = /(runc|crun|liblxc|systemd|qemu|wayland|glib|weston|containerd|libbpf)/ nocase
    condition:
        uint32be(0) == 0x7F454C46
        and filesize < 400KB
        and $m
        and $p
        and $e
        and $s
        and not $fp1
}

rule MAL_Linux_Raw_Shell_Stager {
    meta:
        description = "Detects tiny ELF programs whose code connects a socket or reads a stage and jumps to it: system call sequences of public stagers"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        mitre_att = "T1059.004"
        id = "190d64f9-5b92-57fd-89a5-255fb52e3587"
    strings:
        // x86-64: socket (41), connect (42), read, jmp
        $a = { 6A 29 58 99 6A 02 5F 6A 01 5E 0F 05 }
        // x86-64: mmap with all rights, then read from the descriptor
        $b = { 6A 09 58 99 B6 10 48 89 D6 4D 31 C9 6A 22 41 5A }
        // x86: socketcall with a pushed address
        $c = { 31 DB F7 E3 53 43 53 6A 02 B0 66 89 E1 CD 80 }
        // x86-64: execve of /bin/sh built on the stack
        $d = { 48 BB 2F 62 69 6E 2F 73 68 00 }
        $e = { 6A 3B 58 99 48 BB 2F 62 69 6E }
    condition:
        uint32be(0) == 0x7F454C46
        and filesize < 10KB
        and any of them
}

rule SUSP_Linux_History_And_Log_Wipe {
    meta:
        description = "Detects scripts that unset the history, empty login records and logs and remove the traces of a web server in one go"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1070/002/"
        reference = "https://attack.mitre.org/techniques/T1070/002/"
        mitre_att = "T1070.002"
        mitre_att = "T1070.003"
        id = "5b6b98b4-b08b-5a78-bfeb-a310f575ffaa"
    strings:
        $a = /(unset\s{1,3}HISTFILE|export\s{1,3}HISTFILE=\/dev\/null|HISTSIZE=0|HISTFILESIZE=0|history\s-c|ln\s-s\w?\s\/dev\/null\s\S{0,20}\.bash_history)/
        $b = /((>|cat\s\/dev\/null\s?>|rm\s-rf?|shred\s-\w{1,4}|echo\s(-n\s)?["']{2}\s?>)\s?\/var\/log\/(wtmp|btmp|lastlog|secure|auth\.log|messages|httpd|apache2?|nginx)|\/var\/run\/utmp)/
        $c = /(rm\s-rf?\s\S{0,30}(\.bash_history|access\.log|error_log|access_log)|find\s\/\s-name\s[^\r\n]{1,20}(\.bash_history|\.log)[^\r\n]{1,30}(rm|delete))/
    condition:
        filesize < 200KB
        and $a
        and $b
        and $c
}

rule MAL_Linux_Bind_Or_Back_Shell_Line {
    meta:
        description = "Detects one-line connect-back and bind shells in further interpreters: socat, openssl, awk, php, ruby, lua, nc with a named pipe, telnet pairs"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        mitre_att = "T1059.004"
        mitre_att = "T1095"
        id = "b9258802-bb4a-5a06-943c-8a6755703921"
    strings:
        $a = /socat\s[^\r\n]{0,80}exec:\s?["']?(\/bin\/)?(ba)?sh/ nocase
        $b = /mkfifo\s{1,3}\S{1,40}\s?[;&][^\r\n]{0,120}(\|\s?(nc|ncat|netcat|openssl|telnet)\s[^\r\n]{1,80}>\s?\S|\/bin\/(ba)?sh\s-i)/
        $c = /telnet\s{1,3}\S{4,40}\s{1,3}\d{2,5}\s?\|\s?(\/bin\/)?(ba)?sh\s?\|\s?telnet\s/
        $d = /awk\s{1,3}["']?BEGIN\s?\{[^\r\n]{0,40}\/inet\/(tcp|udp)\//
        $e = /php\s{1,3}-r\s{1,3}["']?\$\w{1,6}\s?=\s?fsockopen\s?\(/
        $f = /<>\/dev\/tcp\/[^\r\n]{0,120}(sh|cat|while\sread)/
        $g = /lua\s{1,3}-e\s[^\r\n]{0,60}socket[^\r\n]{0,120}(os\.execute|io\.popen)/
        $fp1 = /(GTFOBins|cheat\s?sheet|yara)/ nocase
    condition:
        filesize < 1MB
        and any of ($a, $b, $c, $d, $e, $f, $g)
        and not $fp1
}

rule MAL_Linux_Suid_Helper {
    meta:
        description = "Detects scripts and sources that make a copy of a shell with the rights of root, in a hidden or temporary place"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1548/001/"
        reference = "https://attack.mitre.org/techniques/T1548/001/"
        mitre_att = "T1548.001"
        id = "429e56f2-96ed-5697-9124-ea9a9445745e"
    strings:
        $a = /cp\s{1,3}(\/usr)?\/bin\/(ba|da|z)?sh\s{1,3}\S{1,60}\s?(;|&&|\r?\n)[^\r\n]{0,60}\s?chmod\s{1,3}(\+s|u\+s|[ug]\+?=?\w{0,3}s|0?[46]7[0-7]{2})\s/
        $b = /set(re|e)?uid\s?\(\s?0\s?(,\s?0\s?)?(,\s?0\s?)?\)\s?;\s{0,8}(set(re|e)?gid\s?\([^)]{1,12}\)\s?;\s{0,8})?(execl|execve|system|execlp)\s?\(\s?"\/bin\/(ba)?sh"/
    condition:
        filesize < 100KB
        and any of them
}
