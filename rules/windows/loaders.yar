// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Compiled and in-memory loaders. No file-format module is used: the rules
// also hold for dumps, swap space and carved pieces.

rule MAL_Loader_Block_Api_Hash {
    meta:
        description = "Detects the Windows shellcode stub that walks the module list of the process and finds functions by a rotated hash"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1055/"
        reference = "https://attack.mitre.org/techniques/T1106/"
        mitre_att = "T1055"
        mitre_att = "T1106"
        mitre_att = "T1620"
        id = "dc649ba6-1c7a-5460-8cd1-807a5f39a635"
    strings:
        // cld; call; pushad; mov ebp, esp; xor edx/eax; fs:[0x30]
        $x86 = { FC E8 8? 00 00 00 60 89 E5 31 ( D2 | C0 ) 64 8B ( 52 | 50 ) 30 8B 52 0C 8B 52 14 }
        // cld; and rsp, -16; call; push r9 .. ; gs:[0x60]
        $x64 = {
            FC 48 83 E4 F0 E8 ( C0 | C8 | CC ) 00 00 00
            41 51 41 50 52 51 56 48 31 D2 65 48 8B 52 60
        }
        // ror 13 loops over the module name
        $ror86 = { 31 C0 AC 3C 61 7C 02 2C 20 C1 CF 0D 01 C7 }
        $ror64 = { 48 31 C0 AC 3C 61 7C 02 2C 20 41 C1 C9 0D 41 01 C1 }
    condition:
        any of them
}

rule MAL_Loader_Block_Api_Hash_Text {
    meta:
        description = "Detects the same shellcode stub written as escaped bytes, byte lists or base64 in a script or source"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1027/"
        mitre_att = "T1027"
        mitre_att = "T1055"
        id = "fd428492-24c0-5efe-bdeb-f1d492925f33"
    strings:
        $e86 = /(\\xfc\\xe8\\x8[29f]\\x00\\x00\\x00\\x60|0xfc,\s?0xe8,\s?0x8[29f],\s?0x0{1,2},\s?0x0{1,2},\s?0x0{1,2},\s?0x60|%ufce[8]|\bfce8(82|89|8f)00000060)/ nocase
        $e64 = /(\\xfc\\x48\\x83\\xe4\\xf0\\xe8|0xfc,\s?0x48,\s?0x83,\s?0xe4,\s?0xf0,\s?0xe8|fc4883e4f0e[8]|%u48fc%ue48[3])/ nocase
        $b86 = /\/OiCAAAAYInlMcBki1A[w]/ ascii wide
        $b86b = /\/OiPAAAAYInlMdJki1I[w]/ ascii wide
        $b86c = /\/OiJAAAAYInlMdJki1I[w]/ ascii wide
        $b64 = /\/EiD5PDowAAAAEFRQVB[S]/ ascii wide
        $b64b = /\/EiD5PDoyAAAAEFRQVB[S]/ ascii wide
        $b64c = /\/EiD5PDozAAAAEFRQVB[S]/ ascii wide
    condition:
        filesize < 50MB
        and any of them
}

rule MAL_Loader_Reflective_Dll {
    meta:
        description = "Detects Windows libraries built to map themselves into memory, by the export name of the loader and the calls it resolves"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1620"
        mitre_att = "T1055.001"
        id = "234e644c-10aa-51ad-9911-8142afc513cf"
    strings:
        // bootstrap over the DOS header: pop reg, call into the loader
        $boot86 = { 4D 5A E8 00 00 00 00 5B 52 45 55 89 E5 }
        $boot64 = { 4D 5A 41 52 55 48 89 E5 48 81 EC 20 00 00 00 }
        // hashes of KERNEL32.DLL and LoadLibraryA, ror 13
        $h1 = { 5B BC 4A 6A }
        $h2 = { 8E 4E 0E EC }
        $h3 = { AA FC 0D 7C }
        $h4 = { 54 CA AF 91 }
        $name = "ReflectiveLoader" fullword
    condition:
        any of ($boot*)
        or (uint16(0) == 0x5A4D and filesize < 20MB and $name)
        or (all of ($h*) and filesize < 5MB)
}

rule MAL_DotNet_Shellcode_Loader_Source {
    meta:
        description = "Detects C# source or script text that allocates executable memory, copies a byte array into it and starts it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1055/"
        mitre_att = "T1055"
        mitre_att = "T1106"
        id = "99b4f497-a9fb-5190-a268-a3be04c661c9"
    strings:
        $imp = /\[\s?DllImport\s?\(\s?["']kernel32(\.dll)?["']/ nocase
        $al1 = /\bVirtualAlloc(Ex)?(Numa)?\s?\(/
        $al2 = /\b(NtMapViewOfSection|NtAllocateVirtualMemory|VirtualProtect)\s?\(/
        $go = /\b(CreateThread|CreateRemoteThread|QueueUserAPC|EnumSystemLocalesA|EnumChildWindows|GetDelegateForFunctionPointer(<\w{1,30}>)?|WaitForSingleObject)\s?\(/
        $copy = /\b(Marshal\.Copy|WriteProcessMemory|RtlMoveMemory)\s?\(/
        $buf1 = /byte\s?\[\s?\d{0,6}\s?\]\s?\w{1,30}\s?=\s?(new\s{1,4}byte\s?\[\s?\d{0,6}\s?\]\s?)?\{\s?(0x[0-9a-f]{2}\s?,\s?){8}/ nocase
        $buf2 = /FromBase64String\s?\(/
        $buf3 = /\bDownloadData\s?\(|GetByteArrayAsync\s?\(/
        $buf4 = /(\] \^ |\] \^= |\^ 0x|\^ \(byte|\^= key)/ nocase
    condition:
        filesize < 10MB
        and $imp
        and any of ($al*)
        and $go
        and $copy
        and any of ($buf*)
}

rule MAL_DotNet_Assembly_Loader_Binary {
    meta:
        description = "Detects small .NET programs that decode a hidden program and load it from memory, by the names in their metadata"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1620"
        mitre_att = "T1140"
        id = "8c206d72-5906-5b4d-8d2e-27c2adadda2e"
    strings:
        $net1 = "_CorExeMain"
        $net2 = "_CorDllMain"
        $m2 = "FromBase64String"
        $m3 = "GZipStream"
        $m4 = "CreateDecryptor"
        $m5 = "VirtualProtect"
        $m6 = "DownloadData"
        $load = { 00 4C 6F 61 64 00 }
        $asm = "System.Reflection"
        $inv = "Invoke" fullword
        $pay1 = /(T\x00V\x00q\x00Q\x00A\x00A\x00M\x00|H\x004\x00s\x00I\x00A\x00A\x00)/
        $pay2 = "amsi.dll" ascii wide nocase
        $pay3 = "AmsiScanBuffer" ascii wide
        $pay4 = "EtwEventWrite" ascii wide
        $entry = "get_EntryPoint"
    condition:
        uint16(0) == 0x5A4D
        and filesize < 3MB
        and any of ($net*)
        and $asm
        and $load
        and $inv
        and $entry
        and any of ($pay*)
        and any of ($m*)
}

rule MAL_Loader_Syscall_Stub_Patch {
    meta:
        description = "Detects native loaders that blind the malware scan interface or event tracing by patching the entry of the function"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        mitre_att = "T1562.001"
        mitre_att = "T1055"
        id = "986f8f5c-f9e8-52e5-a36c-9c6ae7601809"
    strings:
        $p64 = { B8 57 00 07 80 C3 }
        $p86 = { B8 57 00 07 80 C2 18 00 }
        $n1 = "AmsiScanBuffer" ascii wide
        $n2 = "EtwEventWrite" ascii wide
        $v = "VirtualProtect" ascii wide
    condition:
        filesize < 10MB
        and any of ($p*)
        and any of ($n*)
        and $v
}
