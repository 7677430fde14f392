// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Stages and implants by structures that public descriptions document.

rule MAL_Beacon_Configuration {
    meta:
        description = "Detects the settings block of Cobalt Strike beacons in memory or in files: the typed table in plain form or masked with the usual single-byte keys"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1071/001/"
        reference = "https://attack.mitre.org/software/S0154/"
        mitre_att = "T1071.001"
        mitre_att = "T1105"
        id = "763b1907-6837-5ca1-a723-bfc568055328"
    strings:
        // type, kind and length of the first settings: protocol, port, sleep time
        $plain = { 00 01 00 01 00 02 00 ?? 00 02 00 01 00 02 ?? ?? 00 03 00 02 00 04 }
        // the same under key 0x2E and under key 0x69
        $key2e = { 2E 2F 2E 2F 2E 2C 2E ?? 2E 2C 2E 2F 2E 2C ?? ?? 2E 2D 2E 2C 2E 2A }
        $key69 = { 69 68 69 68 69 6B 69 ?? 69 6B 69 68 69 6B ?? ?? 69 6A 69 6B 69 6D }
    condition:
        any of them
}

rule MAL_Beacon_Pipe_And_Format_Names {
    meta:
        description = "Detects format strings and pipe names of Cobalt Strike beacons as public reports list them, in unpacked libraries and in memory"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1071/001/"
        reference = "https://attack.mitre.org/software/S0154/"
        mitre_att = "T1071.001"
        mitre_att = "T1055"
        id = "49772123-7f27-51b6-b72e-588b0e834dee"
    strings:
        $a = "%02d/%02d/%02d %02d:%02d:%02d"
        $b = /could not (spawn|create|open|inject|connect|run|write) [%\w ]{0,40}(:|%d|%s)/
        $c = "\\\\.\\pipe\\msagent_%x"
        $d = "\\\\%s\\pipe\\msagent_%x"
        $e = /IEX \(New-Object Net\.Webclient\)\.DownloadStrin[g]\('http:\/\/127\.0\.0\.1:%u/
        $f = "%s as %s\\%s: %d"
        $g = "beacon.x64.dll"
        $h = "ReflectiveLoader"
    condition:
        filesize < 200MB
        and 3 of ($b, $c, $d, $e, $f, $g, $h)
        and ($a or $c or $d or $g)
}

rule MAL_Shellcode_Stager_Http {
    meta:
        description = "Detects the machine code of public HTTP and TCP stagers: resolution by hash of LoadLibraryA, InternetOpen or WSASocket followed by the call pattern"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1105/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1105"
        mitre_att = "T1059"
        id = "a235eea9-3857-580a-a69c-44058ae38706"
    strings:
        $start32 = { FC E8 ( 82 | 89 | 8F ) 00 00 00 60 89 E5 31 ( D2 | C0 ) 64 8B }
        $start64 = { FC 48 83 E4 F0 E8 ( C0 | C8 | CC ) 00 00 00 41 51 41 50 52 }
        $load = { 68 4C 77 26 07 }
        $load64 = { 41 BA 4C 77 26 07 FF D5 }
        $net = { 68 3A 56 79 A7 }
        $net64 = { 41 BA 3A 56 79 A7 FF D5 }
        $ws = { 68 EA 0F DF E0 }
        $ws64 = { 41 BA EA 0F DF E0 FF D5 }
    condition:
        (
            ($start32 and $load and any of ($net, $ws))
            or ($start64 and $load64 and any of ($net64, $ws64))
        )
}

rule MAL_Loader_Donut_Or_Sridi {
    meta:
        description = "Detects position-independent loaders made by public generators from programs and libraries: the call over the embedded instance and its entry code"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1620/"
        reference = "https://attack.mitre.org/software/S0695/"
        mitre_att = "T1620"
        mitre_att = "T1055"
        id = "f10f1566-ed92-5a19-b91d-27f3d7bc3c34"
    strings:
        // call over the instance, pop, both processors in one stub
        $donut = { 59 31 C0 48 0F 88 ?? ?? 00 00 }
        // call to the next instruction, then offsets of library, hash and user data
        $srdi64 = { E8 00 00 00 00 59 49 89 C8 ( BA | 48 81 C1 ) }
        $srdi32 = { E8 00 00 00 00 58 55 89 E5 89 C2 68 }
    condition:
        filesize < 20MB
        and (
            $srdi64 in (0..0)
            or $srdi32 in (0..0)
            or (uint8(0) == 0xE8 and uint8(4) == 0 and $donut in (9..65536))
        )
}

rule MAL_Go_Implant_Paths {
    meta:
        description = "Detects Go implants and tunnels by package paths that stay in the program: public command frameworks and reverse proxies"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1071/"
        reference = "https://attack.mitre.org/software/S0633/"
        mitre_att = "T1071"
        mitre_att = "T1105"
        id = "c9e4d733-2d7d-5fd4-90c8-34ba983b24ed"
    strings:
        $go = /(go\.buildi[d]|Go build I[D]|runtime\.gopanic|runtime\.main)/
        $a = /(bishopfox\/sliver|BishopFox\/sliver)\/(implant|protobuf)/
        $b = /(sliverp[b]|sliver\/implant\/sliver)\b/
        $c = /(jpillora\/chisel|fatedier\/frp|nicocha30\/ligol[o]-ng|tnpitsecurity\/ligol[o]-ng|ginuerzh\/gost|ehang-io\/nps|L-codes\/Neo-reGeorg|zema1\/suo5|shadow1ng\/fscan|lcvvvv\/kscan|\/chainreactors)\//
        $d = /(Ne0nd0g\/merlin|merlin-agen[t]|deimosc[2]|pygrum\/monarch|HavocFramewor[k]|geaco[n]|its-a-feature\/Mythic|MythicAgent[s])/
    condition:
        filesize < 80MB
        and $go
        and any of ($a, $b, $c, $d)
}

rule MAL_Nim_Or_Rust_Shellcode_Loader {
    meta:
        description = "Detects small Nim or Rust programs that import memory and thread functions for other processes and hold direct system call or callback names"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1620/"
        reference = "https://attack.mitre.org/techniques/T1055/"
        mitre_att = "T1620"
        mitre_att = "T1055"
        id = "660cd193-c8db-5764-96e3-22c161234e7a"
    strings:
        $n = /(nimMain|NimMain|fatal\.nim|winim|nimvm|\/rustc\/|rust_panic|core::panicking)/
        $a = /(VirtualAllocEx|NtAllocateVirtualMemory|NtMapViewOfSection|VirtualProtectEx)/
        $w = /(WriteProcessMemory|NtWriteVirtualMemory|NtProtectVirtualMemory)/
        $t = /(CreateRemoteThread|NtCreateThreadEx|QueueUserAPC|NtQueueApcThread|EnumSystemLocales|EtwEventWrite|AmsiScanBuffer|SetThreadContext)/
    condition:
        uint16(0) == 0x5A4D
        and filesize < 3MB
        and all of them
}

rule MAL_Driver_Or_Tool_Names_Credential {
    meta:
        description = "Detects programs for theft of credentials and rights by names and messages of their public source (dumpers, token tools, directory collectors)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1003/"
        reference = "https://attack.mitre.org/techniques/T1003/"
        mitre_att = "T1003"
        id = "e12358e1-6bec-5f49-ac9b-21d2a86f19a6"
    strings:
        $a = /(gentilkiwi|mimidrv|mimilib|kuhl_m_\w{3,12}|sekurlsa_\w{4,12})/
        $b = /(JuicyPotato|RoguePotato|SweetPotato|GodPotato|BadPotato|PrintSpoofer|EfsPotato|PetitPotam)/
        $c = /(SharpHound|BloodHound\.Collector|Rubeus\.|Seatbelt\.|SharpDPAPI|SharpView|Certify\.Commands|SharpUp\.)/
        $d = /(CLSID %s|\[\+\] (authresult|CreateProcess(AsUser|WithTokenW) OK|Got handle|Got SYSTEM|SeImpersonatePrivilege)|lsadump|NtDumpOnExceptionGuid)/
        $e = /(SeImpersonatePrivilege|SeDebugPrivilege)/
    condition:
        uint16(0) == 0x5A4D
        and filesize < 10MB
        and ($a or ($b and ($d or $e)) or $c)
}

rule MAL_Loader_Resource_Decrypt_NET {
    meta:
        description = "Detects small .NET programs that take a resource or text, decrypt it with a symmetric cipher or exclusive or, unpack it and load it as an assembly"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1620/"
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1620"
        mitre_att = "T1027"
        id = "51d4ac72-78e9-5e95-82f4-5bafe4f0d32e"
    strings:
        $n = "_CorDllMain"
        $n2 = "_CorExeMain"
        $r = /\x00(get_ResourceManager|GetManifestResourceStream|GetObject|FromBase64String|get_Assembly)\x00/
        $c = /\x00(RijndaelManaged|AesManaged|TripleDESCryptoServiceProvider|CreateDecryptor|RC4|op_ExclusiveOr|Xor|set_Key)\x00/
        $g = /\x00(GZipStream|DeflateStream|Decompress|CompressionMode)\x00/
        $l = /\x00Load\x00/
        $i = /\x00(get_EntryPoint|CreateInstance|InvokeMember|GetMethod)\x00/
        $s = /\x00(Invoke|CallByName|LateCall|CreateDelegate)\x00/
        $p = /\x00(Sleep|get_IsAttached|IsLogging|CheckRemoteDebuggerPresent|GetTickCount)\x00/
        $fp1 = "LegalCopyright" wide
    condition:
        uint16(0) == 0x5A4D
        and filesize < 2MB
        and any of ($n*)
        and all of ($r, $c, $g, $l, $i, $s, $p)
        and not $fp1
}
