"""A background call that is run again after a crash sends nothing twice."""

from messaging_world import HANDSET, World

from trunkline.values.ids import new_uuid


async def test_the_same_call_again_stores_nothing_again(world: World) -> None:
    once = new_uuid()
    first = await world.send(HANDSET, "14155550188", once=once)
    assert await world.send(HANDSET, "14155550188", once=once) == first
    assert len(await world.queue()) == 2
    other = await world.send(HANDSET, "14155550188", once=new_uuid())
    assert not set(first) & set(other)
