//! Which programs the tree has.

/// What must be there.
pub const NEEDED: [&str; 34] = [
    "ar", "as", "awk", "basename", "bash", "cat", "cc", "chmod", "cp", "cut", "dirname", "env", "expr", "find",
    "grep", "gzip", "head", "ld", "ln", "ls", "mkdir", "mv", "nm", "ranlib", "readlink", "rm", "sed", "sh", "sort",
    "tar", "touch", "tr", "uname", "wc",
];

/// What is taken along where it is here: what build scripts, configure scripts and makefiles ask for.
pub const WELCOME: [&str; 48] = [
    "[", "bzip2", "c++", "c++filt", "cmp", "comm", "cpp", "date", "dd", "diff", "du", "echo", "egrep", "false",
    "fgrep", "g++", "gcc", "gcc-ar", "gcc-nm", "gcc-ranlib", "gunzip", "hostname", "id", "install", "join", "m4",
    "make", "mktemp", "nproc", "objcopy", "objdump", "od", "patch", "pkg-config", "pkgconf", "printf", "pwd", "readelf", "realpath", "seq",
    "sleep", "strip", "tail", "tee", "test", "true", "uniq", "xargs",
];

/// The C library's and the compilers' own libraries, which a program may need when it runs. What is not
/// here is left out: a C library of today has some of them in itself.
pub const RUNTIME: [&str; 19] = [
    "libc.so.6",
    "libm.so.6",
    "libmvec.so.1",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libutil.so.1",
    "libresolv.so.2",
    "libanl.so.1",
    "libnss_files.so.2",
    "libnss_dns.so.2",
    "libnss_compat.so.2",
    "libthread_db.so.1",
    "libBrokenLocale.so.1",
    "libcrypt.so.1",
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "libatomic.so.1",
    "libgomp.so.1",
];

/// What lies in GCC's own directory for other languages than C and C++, and for checking programs.
pub const OTHER_LANGUAGES: [&str; 17] = [
    "f951", "cc1obj", "cc1objplus", "go1", "gnat1", "d21", "cc1gm2", "gm2", "adainclude", "adalib", "finclude",
    "libgo.a", "plugin", "libasan.a", "libtsan.a", "liblsan.a", "libhwasan.a",
];
