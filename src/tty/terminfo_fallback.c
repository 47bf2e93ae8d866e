/* A terminal description of our own, for machines that have none: a container without /usr/share/terminfo
 * must not refuse to start. ncurses takes it from $TERMINFO in this form. Made by `tic` and `infocmp -Q2 -q`
 * from:
 *
 * redai-fallback|what every terminal of today understands,
 *     am, km, mir, msgr, xenl,
 *     colors#256, cols#80, it#8, lines#24, pairs#32767,
 *     bel=^G, bold=\E[1m, civis=\E[?25l, clear=\E[H\E[2J,
 *     cnorm=\E[?25h, cr=\r, cub=\E[%p1%dD, cub1=^H, cud=\E[%p1%dB,
 *     cud1=\n, cuf=\E[%p1%dC, cuf1=\E[C, cup=\E[%i%p1%d;%p2%dH,
 *     cuu=\E[%p1%dA, cuu1=\E[A, dim=\E[2m, ed=\E[J, el=\E[K,
 *     el1=\E[1K, home=\E[H, hpa=\E[%i%p1%dG, ht=^I, ind=\n,
 *     kbs=\177, kcub1=\EOD, kcud1=\EOB, kcuf1=\EOC, kcuu1=\EOA,
 *     kend=\EOF, khome=\EOH, op=\E[39;49m, rev=\E[7m,
 *     rmcup=\E[?1049l, rmkx=\E[?1l\E>, rmso=\E[27m, rmul=\E[24m,
 *     setab=\E[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m,
 *     setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m,
 *     sgr0=\E[m, smcup=\E[?1049h, smkx=\E[?1h\E=, smso=\E[7m,
 *     smul=\E[4m, vpa=\E[%i%p1%dd,
 */
#include "terminfo.h"

const char terminfo_fallback_name[] = "redai-fallback";
const char terminfo_fallback[] =
    "b64:GgE4AA8ADwBpAXMBcmVkYWktZmFsbGJhY2t8d2hhdCBldmVyeSB0ZXJtaW5hbCBvZiB0b2RheSB1bmRlcnN0YW5kcwAAAQAA"
    "AQAAAAEAAAAAAQEAUAAIABgA__________________________8AAf9___8AAAIA_____wQADAAQABQA__8fADAAMgA2AD0A__8_"
    "AEYA__9KAP__________________TgBTAP__XAD_______9hAGYAawD_____cAB0AP____99AIMA________________________"
    "__-JAP____________-LAP____________________________________-PAP____-TAP_______5cA________mwCfAKcA____"
    "_________________________________________68A________uADBAP__ygD________________________________TAP__"
    "3gD__________-AA_____________________________________________________________________________-IA____"
    "____________________________________________________________________________________________________"
    "____________________________________________________________________________________________________"
    "_________________________________________________________________________-YA________________________"
    "________________________________________________6wD_________________________________________________"
    "____________________________________________________________________________________________________"
    "______________QAMwEHAA0AG1tIG1sySgAbW0sAG1tKABtbJWklcDElZEcAG1slaSVwMSVkOyVwMiVkSAAKABtbSAAbWz8yNWwA"
    "CAAbWz8yNWgAG1tDABtbQQAbWzFtABtbPzEwNDloABtbMm0AG1s3bQAbWzdtABtbNG0AG1ttABtbPzEwNDlsABtbMjdtABtbMjRt"
    "AH8AG09CABtPSAAbT0QAG09DABtPQQAbWz8xbBs-ABtbPzFoGz0AG1slcDElZEIAG1slcDElZEQAG1slcDElZEMAG1slcDElZEEA"
    "G1slaSVwMSVkZAAKAAkAG09GABtbMUsAG1szOTs0OW0AG1slPyVwMSV7OH0lPCV0MyVwMSVkJWUlcDElezE2fSU8JXQ5JXAxJXs4"
    "fSUtJWQlZTM4OzU7JXAxJWQlO20AG1slPyVwMSV7OH0lPCV0NCVwMSVkJWUlcDElezE2fSU8JXQxMCVwMSV7OH0lLSVkJWU0ODs1"
    "OyVwMSVkJTttAA==";
