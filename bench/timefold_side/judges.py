"""What one person's, room's or thing's week costs.

Functions are short and touch little: Timefold translates their bytecode, knows no EXTENDED_ARG, and
calls what it cannot translate back in Python, a hundred times slower and without a word.
"""

from domain import PROBLEM, Block, Item, Patient, Room, Therapist

DAY = 300
DAY2 = DAY * DAY
GRID: int = PROBLEM["grid"]


def in_time(blocks: list[Block]) -> list[int]:
    """All meetings, in the order of time."""
    codes: list[int] = []
    for b in blocks:
        for code in b.codes:
            codes.append(code)  # noqa: PERF402 - as plain as can be, for the translator
    codes.sort()
    return codes


def attended(p: Patient, blocks: list[Block]) -> list[int]:
    """The meetings on days of the patient's stay, in the order of time."""
    codes: list[int] = []
    for b in blocks:
        for code in b.codes:
            if p.stay[code // DAY2]:
                codes.append(code)  # noqa: PERF401
    codes.sort()
    return codes


def overlap(codes: list[int]) -> int:
    """Cells by which meetings that follow each other overlap."""
    total = 0
    for number in range(1, len(codes)):
        before, now = codes[number - 1], codes[number]
        if before // DAY2 == now // DAY2:
            total += max(0, before % DAY - now // DAY % DAY)
    return total


def idle(codes: list[int]) -> int:
    """Free cells between the meetings of a day."""
    total = 0
    for number in range(1, len(codes)):
        before, now = codes[number - 1], codes[number]
        if before // DAY2 == now // DAY2:
            total += max(0, now // DAY % DAY - before % DAY)
    return total


def met(p: Patient, b: Block) -> int:
    """Meetings of a block that the patient is there for."""
    count = 0
    for code in b.codes:
        if p.stay[code // DAY2]:
            count += 1
    return count


def minutes_of(p: Patient, blocks: list[Block]) -> int:
    total = 0
    for b in blocks:
        if b.clinical > 0:
            total += b.clinical * met(p, b)
    return total


def served(p: Patient, blocks: list[Block], service: int) -> int:
    total = 0
    for b in blocks:
        if b.service == service:
            total += met(p, b)
    return total


def missing(p: Patient, blocks: list[Block]) -> int:
    """Sessions short of the quotas."""
    short = 0
    for number in range(len(p.services)):
        if p.least[number] > 0:
            short += max(0, p.least[number] - served(p, blocks, p.services[number]))
    return short


def too_many(p: Patient, blocks: list[Block]) -> int:
    """Sessions beyond the quotas."""
    beyond = 0
    for number in range(len(p.services)):
        beyond += max(0, served(p, blocks, p.services[number]) - p.most[number])
    return beyond


def off_track(p: Patient, blocks: list[Block]) -> int:
    """1 where no track holds all group meetings of someone who needs one."""
    if not p.one_track:
        return 0
    tracks = -1
    for b in blocks:
        if b.tracks >= 0 and met(p, b) > 0:
            tracks = tracks & b.tracks
    return 1 if tracks == 0 else 0


def by_day(p: Patient, blocks: list[Block], what: int) -> list[int]:
    """For each day: clinical minutes (0), sessions with some (1), or all sessions (2)."""
    days = [0, 0, 0, 0, 0, 0, 0]
    for b in blocks:
        worth = b.clinical
        if what == 1:
            worth = min(1, b.clinical)
        if what == 2:
            worth = 1
        for code in b.codes:
            day = code // DAY2
            if p.stay[day]:
                days[day] += worth
    return days


def beyond(days: list[int], most: int) -> int:
    total = 0
    for number in days:
        total += max(0, number - most)
    return total


def rolling(p: Patient, days: list[int]) -> int:
    """Sessions beyond the most of any so many days in a row."""
    hard = 0
    for first in range(8 - p.rolling_days):
        total = 0
        for day in range(first, first + p.rolling_days):
            total += days[day]
        hard += max(0, total - p.rolling_max)
    return hard


def gaps(p: Patient, days: list[int]) -> int:
    """Days beyond the longest gap between attended days."""
    hard, last = 0, -1
    for day in range(7):
        if days[day] > 0:
            if last >= 0:
                hard += max(0, day - last - 1 - p.gap)
            last = day
    return hard


def days_with(days: list[int]) -> int:
    count = 0
    for number in days:
        if number > 0:
            count += 1
    return count


def short_of(p: Patient, minutes: list[int], counted: list[int]) -> int:
    """Attended days that are too short."""
    short = 0
    for day in range(7):
        if counted[day] > 0 and (
            minutes[day] < p.day_minutes_min or counted[day] < p.day_sessions_min
        ):
            short += 1
    return short


def unliked(p: Patient, blocks: list[Block]) -> int:
    """Sessions outside preferred windows, and those by video of who attends either way."""
    total = 0
    for b in blocks:
        if b.remote and p.either:
            total += met(p, b)
        for code in b.codes:
            if code in p.outside and p.stay[code // DAY2]:
                total += 1
    return total


def limits_broken(p: Patient, blocks: list[Block], minutes: list[int], counted: list[int]) -> int:
    total = minutes_of(p, blocks)
    hard = max(0, total - p.minutes_max) + too_many(p, blocks) + off_track(p, blocks)
    hard += beyond(minutes, p.day_minutes_max) + beyond(counted, p.day_sessions_max)
    hard += rolling(p, by_day(p, blocks, 2)) + gaps(p, counted)
    return hard + max(0, days_with(counted) - p.days_max)


def judge_patient(p: Patient, blocks: list[Block]) -> list[int]:
    """Hard points, then unmet_care, short_days, turned_away, continuity and burden."""
    codes = attended(p, blocks)
    if p.waiting and len(codes) == 0:
        return [0, 0, 0, p.priority, 0, 0]
    minutes, counted = by_day(p, blocks, 0), by_day(p, blocks, 1)
    hard = overlap(codes) + limits_broken(p, blocks, minutes, counted)
    unmet = max(0, p.minutes_min - minutes_of(p, blocks)) + 60 * missing(p, blocks)
    days = days_with(counted)
    short, fewer = short_of(p, minutes, counted), max(0, p.days_min - days)
    burden = 60 * max(0, days - p.days_min) + GRID * idle(codes)
    if p.waiting:  # admitted in full or not at all
        return [hard + unmet + fewer, 0, short, 0, unliked(p, blocks), burden]
    return [hard, p.priority * unmet, short + fewer, 0, unliked(p, blocks), burden]


def away(free: set[int], blocks: list[Block]) -> int:
    """Blocks at which somebody is not there."""
    count = 0
    for b in blocks:
        if b.id >= 0 and b.id not in free:
            count += 1
    return count


def loads(codes: list[int]) -> list[int]:
    days = [0, 0, 0, 0, 0, 0, 0]
    for code in codes:
        days[code // DAY2] += code % DAY - code // DAY % DAY
    return days


def rows(t: Therapist, codes: list[int]) -> int:
    """Cells in a row beyond the most."""
    hard, row, last = 0, 0, -1
    for code in codes:
        length = code % DAY - code // DAY % DAY
        row = row + length if code // DAY == last else length
        hard += max(0, row - t.row)
        last = code // DAY2 * DAY + code % DAY
    return hard


def no_meal(t: Therapist, codes: list[int], day: int) -> int:
    """1 where the day spans the meal's span and leaves no break inside it."""
    first, last, gap, reached = DAY, 0, 0, t.opens
    for code in codes:
        if code // DAY2 == day:
            start, end = code // DAY % DAY, code % DAY
            first, last = min(first, start), max(last, end)
            if end > t.opens and start < t.closes:
                gap = max(gap, start - reached)
                reached = max(reached, end)
    gap = max(gap, t.closes - reached)
    return 1 if first <= t.opens and last >= t.closes and gap < t.meal else 0


def meals(t: Therapist, codes: list[int]) -> int:
    hard = 0
    for day in t.meal_days:
        hard += no_meal(t, codes, day)
    return hard


def judge_therapist(t: Therapist, blocks: list[Block]) -> list[int]:
    """Hard points, idle minutes between sessions, and direct minutes as percent of those available."""
    codes = in_time(blocks)
    days = loads(codes)
    total = beyond(days, 0)
    hard = away(t.free, blocks) + overlap(codes) + rows(t, codes) + meals(t, codes)
    hard += beyond(days, t.day) + max(0, total - t.week)
    percent = 100 * GRID * total // t.available if t.available > 0 else 0
    return [hard, GRID * idle(codes), percent]


def judge_room(r: Room, blocks: list[Block]) -> int:
    """Cells in which it is used twice, and sessions when it is not free."""
    return 0 if r.id < 0 else away(r.free, blocks) + overlap(in_time(blocks))


def in_use(uses: list, cell: int, day: int) -> int:
    total = 0
    for use in uses:
        for held in use[0].codes:
            if held // DAY2 == day and held // DAY % DAY <= cell < held % DAY:
                total += use[1]
    return total


def judge_item(item: Item, uses: list) -> int:
    """By how much more is in use than there is, over all beginnings of a use."""
    hard = 0
    for use in uses:
        for code in use[0].codes:
            used = in_use(uses, code // DAY % DAY, code // DAY2)
            hard += max(0, used - item.quantity)
    return hard


def wanted(items: list[int], counts: list[int], item: int) -> int:
    for number in range(len(items)):
        if items[number] == item:
            return counts[number]
    return 0
