"""The icons of the design, drawn once: small ones on a grid of 14 units, large ones on 24."""

_LINE = 'fill="none" stroke="currentColor" stroke-width="1.8"'
_HEAVY = 'fill="none" stroke="currentColor" stroke-width="2.2"'
_BIG = 'fill="none" stroke="currentColor" stroke-width="2"'
_ROUND = f'{_BIG} stroke-linejoin="round"'

SMALL = {
    "tick": f'<path d="M2.5 7.5l3 3 6-7" {_HEAVY}/>',
    "cross": f'<path d="M3 3l8 8M11 3l-8 8" {_HEAVY}/>',
    "plus": f'<path d="M7 2v10M2 7h10" {_HEAVY}/>',
    "minus": f'<path d="M3 7h8" {_HEAVY}/>',
    "clock": f'<circle cx="7" cy="7" r="5.6" {_LINE}/><path d="M7 3.8V7l2.4 1.6" {_LINE}/>',
    "late": f'<path d="M7 1.2L13.2 12.6H.8z" {_LINE} stroke-linejoin="round"/>'
    '<path d="M7 5v3.6M7 10v1.4" stroke="currentColor" stroke-width="1.8"/>',
    "very": '<path d="M7 .8L13.8 13H.2z" fill="currentColor"/>'
    '<path d="M7 5v3.6M7 10v1.4" stroke="#7a1a0f" stroke-width="1.8"/>',
    "pause": '<path d="M4.4 2.5v9M9.6 2.5v9" stroke="currentColor" stroke-width="2.6"/>',
    "live": '<circle cx="7" cy="7" r="3" fill="currentColor"/>'
    '<circle cx="7" cy="7" r="5.8" fill="none" stroke="currentColor" stroke-width="1.4"/>',
    "date": '<path d="M2 3.5h10v8.5H2zM2 6.3h10M4.6 1.6v3M9.4 1.6v3" '
    'fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "eye": '<path d="M.8 7C3 3.6 5 2.6 7 2.6S11 3.6 13.2 7C11 10.4 9 11.4 7 11.4S3 10.4.8 7z" '
    'fill="none" stroke="currentColor" stroke-width="1.5"/><circle cx="7" cy="7" r="2" fill="currentColor"/>',
    "down": f'<path d="M2 4.5l5 5 5-5" {_HEAVY}/>',
    "back": f'<path d="M9.5 2l-5 5 5 5" {_HEAVY}/>',
    "on": f'<path d="M4.5 2l5 5-5 5" {_HEAVY}/>',
    "place": f'<path d="M7 13C4 9.6 2.6 7.4 2.6 5.4a4.4 4.4 0 0 1 8.8 0C11.4 7.4 10 9.6 7 13z" {_LINE}/>'
    '<circle cx="7" cy="5.4" r="1.5" fill="currentColor"/>',
    "screen": f'<path d="M1.5 2.5h11v7.5h-11zM4.5 12.4h5" {_LINE}/>',
    "info": f'<circle cx="7" cy="7" r="5.8" {_LINE}/>'
    '<path d="M7 6v4.2M7 3.4v1.5" stroke="currentColor" stroke-width="1.8"/>',
}

LARGE = {
    "bell": '<path d="M12 3a6 6 0 0 0-6 6c0 6-2.5 7-2.5 8h17c0-1-2.5-2-2.5-8a6 6 0 0 0-6-6z'
    f'M9.8 20a2.3 2.3 0 0 0 4.4 0" {_ROUND}/>',
    "inbox": f'<path d="M3 13l3-8h12l3 8v6H3zM3 13h5l1.5 3h5L16 13h5" {_ROUND}/>',
    "speech": f'<path d="M4 5h16v11H10l-5 4v-4H4z" {_ROUND}/>',
    "calendar": f'<path d="M4 6h16v14H4zM4 10.5h16M8 3v5M16 3v5" {_BIG}/>',
    "search": f'<circle cx="10.5" cy="10.5" r="6.5" {_BIG}/><path d="M15.5 15.5L21 21" {_BIG}/>',
    "door": f'<path d="M4 21V11a8 8 0 0 1 16 0v10z" {_BIG}/>',
    "doors": f'<path d="M3 20V9a4 4 0 0 1 8 0v11zM13 20V9a4 4 0 0 1 8 0v11z" {_BIG}/>',
    "post": '<circle cx="12" cy="12" r="9.5" fill="currentColor"/>'
    '<path d="M12 7v10M7 12h10" stroke="#fff" stroke-width="2.2"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16" stroke="currentColor" stroke-width="2"/>',
    "person": f'<circle cx="12" cy="8" r="4" {_BIG}/><path d="M4 21c0-5 3.5-7.5 8-7.5s8 2.5 8 7.5" {_BIG}/>',
    "people": f'<circle cx="9" cy="8" r="3.6" {_BIG}/><path d="M2 20c0-4.4 3-6.6 7-6.6s7 2.2 7 6.6" {_BIG}/>'
    f'<path d="M16 5a3.4 3.4 0 0 1 0 6.4M18.4 14.2c2.3.9 3.6 2.9 3.6 5.8" {_BIG}/>',
    "list": '<path d="M9 6h12M9 12h12M9 18h12M3.5 6h2M3.5 12h2M3.5 18h2" stroke="currentColor" stroke-width="2"/>',
    "school": f'<path d="M3 20V10l9-6 9 6v10zM9.5 20v-5a2.5 2.5 0 0 1 5 0v5" {_ROUND}/>',
    "envelope": f'<path d="M3 6h18v13H3zM3 7l9 7 9-7" {_ROUND}/>',
}

# Status words and what is drawn before them (ux.md 2.2).
STATUS_ICONS = {
    "ok": "tick",
    "soon": "clock",
    "late": "late",
    "very": "very",
    "wait": "pause",
    "book": "date",
    "na": "minus",
    "live": "live",
    "day": "clock",
}
