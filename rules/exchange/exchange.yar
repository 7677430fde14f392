// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Microsoft Exchange after the intrusions of 2021 (ProxyLogon, ProxyShell)
// and readers of machine keys.

rule WEBSHELL_Exchange_OAB_Url_Script {
    meta:
        description = "Detects an Exchange offline address book directory dump whose ExternalUrl or InternalUrl holds script, the shell of the ProxyLogon wave"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 95
        reference = "https://www.microsoft.com/en-us/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"
        reference = "https://www.cisa.gov/news-events/analysis-reports/ar21-072a"
        mitre_att = "T1505.003"
        mitre_att = "T1190"
        id = "4d3bdb76-b867-5021-94bf-31c5dd094ea9"
    strings:
        $url = /(ExternalUrl|InternalUrl)\s{0,40}[:=]?\s{0,40}h\w{2}ps?:\/\/[^\r\n<]{0,120}(\r?\n\s{1,60})?<\s{0,4}(script|%|\?|object)/ nocase
        $urlenc = /(ExternalUrl|InternalUrl)\s{0,40}[:=]?\s{0,40}h\w{2}ps?:\/\/[^\r\n<]{0,120}(%3C|&lt;)(script|%25|%)/ nocase
    condition:
        filesize < 1MB
        and any of them
}

rule WEBSHELL_Exchange_OAB_Dump_With_Script {
    meta:
        description = "Detects the text form of an Exchange virtual directory object that contains a server-side script block"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://www.cisa.gov/news-events/analysis-reports/ar21-072a"
        reference = "https://www.welivesecurity.com/2021/03/10/exchange-servers-under-siege-10-apt-groups/"
        mitre_att = "T1505.003"
        mitre_att = "T1190"
        id = "79537d7f-9902-525a-beca-eb7c3d56bdc0"
    strings:
        $d1 = /\bPollInterval\s{1,40}:/
        $d2 = /\bOfflineAddressBooks\s{1,40}:/
        $d3 = /\bMetabasePath\s{1,40}:\s?IIS:\/\//
        $d4 = /\bExternalAuthenticationMethods\s{1,40}:/
        $d5 = /\bExtendedProtectionTokenChecking\s{1,40}:/
        $d6 = /\bAdminDisplayVersion\s{1,40}:\s?Version 15/
        $d7 = /\bRequireSSL\s{1,40}:/
        $d8 = /\bWhenChangedUTC\s{1,40}:/
        $script = /<script[^>]{0,80}(runat|language)|Page_Load\s?\(/ nocase
        $tag = "<%"
    condition:
        filesize < 100KB
        and 3 of ($d*)
        and any of ($script, $tag)
}

rule WEBSHELL_Exchange_PST_Script {
    meta:
        description = "Detects a mailbox export (PST) that carries a server-side script, the drop of the ProxyShell wave"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 90
        reference = "https://www.cisa.gov/known-exploited-vulnerabilities-catalog"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1190"
        mitre_att = "T1114.002"
        id = "1c0ddd96-541b-5c15-a53c-469f3a9adbf5"
    strings:
        $s1 = /<script[^>]{0,80}runat\s?=\s?["']?server/ nocase
        $s2 = /<%@\s{0,4}(page|webhandler|import)[^%]{1,200}%>/ nocase
        $s3 = /\beval\s?\(\s?Request/ nocase
    condition:
        uint32be(0) == 0x2142444E
        and filesize < 20MB
        and any of ($s*)
}

rule WEBSHELL_Exchange_Certificate_Request_Drop {
    meta:
        description = "Detects a certificate request dump whose subject or name carries a server-side script"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/powershell/module/exchange/new-exchangecertificate"
        mitre_att = "T1505.003"
        mitre_att = "T1190"
        id = "bd21a005-0970-517c-ac28-413e38644390"
    strings:
        $pem = /-----BEGIN (NEW )?CERTIFICATE( REQUEST)?-----/
        $asn = { 30 82 ?? ?? 30 82 ?? ?? 02 01 00 30 }
        $script = /<script[^>]{0,80}runat\s?=|<%@\s?page|\beval\s?\(\s?Request|<%[^%]{0,100}Request/ nocase
        $cn = /(\x0c|\x13|\x1e|CN\s?=)[^\n]{0,20}(<script|<%@ |<%ev|<%ex|<% ev|<% ex|<%=r)/ nocase
    condition:
        filesize < 50KB
        and (($asn in (0..16) and $script) or ($pem and $script and $cn))
}

rule WEBSHELL_ASPX_MachineKey_Reader {
    meta:
        description = "Detects ASP.NET pages that print the machine key of the site, which allows forged ViewState later on"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/api/system.web.configuration.machinekeysection"
        mitre_att = "T1505.003"
        mitre_att = "T1552.001"
        id = "40c64181-c849-5acd-96b3-907647bdca75"
    strings:
        $page = /<%@\s{0,4}(page|import|webhandler)|runat\s?=\s?["']?server/ nocase
        $k1 = /\bMachineKeySection\b/
        $k2 = /GetApplicationConfig/
        $k3 = /\.\s?(ValidationKey|DecryptionKey)\b/
        $k4 = /["']system\.web\/machineKey["']/ nocase
        $o = /\bResponse\s?\.\s?Write\s?\(|<%=[^%]{0,60}(ValidationKey|DecryptionKey)/ nocase
    condition:
        filesize < 100KB
        and $page
        and $k3
        and any of ($k1, $k2, $k4)
        and $o
}

rule SUSP_Exchange_Auth_Page_Backdoor {
    meta:
        description = "Detects script added to an Exchange or Outlook web logon page that keeps or sends away passwords or takes code from the request"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1056.003"
        id = "c12a9c46-560d-560b-8559-5fdcdf50a07c"
    strings:
        $o1 = "Microsoft.Exchange"
        $o2 = /owa\/auth(\.owa|\/logon)/ nocase
        $b1 = /\b(File\.(AppendAllText|WriteAllText|AppendText)|StreamWriter)\s?\([^;\n]{0,160}/
        $b2 = /Request\s?\.\s?(Form|Params)\s?[\[(]\s?["'](password|passwd|pwd)["']/ nocase
        $b3 = /(XMLHttpRequest|fetch\s?\(|new Image)[^\r\n]{0,200}(password|passwd)[^;\n]{0,60}\.value/ nocase
        $b4 = /\b(Process\.Start|Assembly\.Load)\s?\(/
        $b5 = /\beval\s?\(\s?Request/ nocase
    condition:
        filesize < 200KB
        and any of ($o*)
        and (($b1 and $b2) or $b3 or $b4 or $b5)
}
